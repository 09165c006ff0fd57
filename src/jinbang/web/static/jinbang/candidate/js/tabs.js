// One live tab. A second tab (also a duplicated one, which inherits the session) must wait or take over;
// whoever loses the right stops writing at once. Web Locks where offered, else messages between tabs.

const NAME = "jinbang-exam";

function byLocks(onLost) {
  let held = false;
  const lost = () => { held = false; onLost(); };
  const hold = (options) => new Promise((resolve) => {
    navigator.locks.request(NAME, options, (lock) => {
      held = Boolean(lock);
      resolve(held);
      return lock ? new Promise(() => {}) : undefined;
    }).catch(lost);
  });
  return { claim: async () => held || hold({ ifAvailable: true }), takeOver: () => hold({ steal: true }) };
}

function byMessages(onLost) {
  const me = `${Date.now()}-${Math.random()}`;
  const channel = new BroadcastChannel(NAME);
  let held = false;
  let answered = false;
  channel.onmessage = ({ data }) => {
    if (data.from === me) return;
    if (data.kind === "who" && held) channel.postMessage({ kind: "held", from: me });
    if (data.kind === "held") answered = true;
    if (data.kind === "take" && held) { held = false; onLost(); }
  };
  const claim = () => new Promise((resolve) => {
    answered = false;
    channel.postMessage({ kind: "who", from: me });
    setTimeout(() => { held = !answered; resolve(held); }, 400);
  });
  const takeOver = async () => { channel.postMessage({ kind: "take", from: me }); held = true; return true; };
  return { claim, takeOver };
}

/** `{claim, takeOver}`, both resolving to whether this tab is the live one; `onLost` when another took over. */
export function oneLiveTab(onLost, locks = Boolean(navigator.locks)) {
  return locks ? byLocks(onLost) : byMessages(onLost);
}
