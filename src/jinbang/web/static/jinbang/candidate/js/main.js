// The exam client: decides which screen is shown, and keeps heartbeat, answers and time going underneath.

import { Api, Refused, Unreachable } from "./api.js";
import { ServerClock } from "./clock.js";
import { announce, ask, download, fill } from "./dom.js";
import { digest } from "./answers.js";
import { utf8, sealFor, fromBase64 } from "./crypto/index.js";
import { choose, current, t, words } from "./i18n.js";
import { Events, watchPolicy } from "./policy.js";
import { Outbox } from "./outbox.js";
import { Session } from "./session.js";
import { Store } from "./store.js";
import { oneLiveTab } from "./tabs.js";
import { Uploads } from "./uploads.js";
import { blockedScreen, endedScreen, failureScreen } from "./screens/notices.js";
import { examScreen } from "./screens/exam.js";
import { finishScreen } from "./screens/finish.js";
import { signInScreen } from "./screens/signin.js";
import { waitingScreen } from "./screens/waiting.js";

const RESCUE = "jinbang-rescue/1";

class App {
  constructor(root, config, store) {
    this.root = root;
    this.config = config;
    this.store = store;
    this.clock = new ServerClock();
    this.api = new Api(config.api, this.clock, current());
    this.events = new Events(this.api, this.clock);
    this.tab = oneLiveTab(() => this.lostTab());
    this.screen = null;
    this.session = null;
    this.reset();
    setInterval(() => this.tick(), 250);
  }

  reset() {
    this.paper = null;
    this.starting = false;
    this.opening = false;
    this.finishing = null;
    this.cancelled = false;
    this.closed = false;
    this.messageShown = 0;
    this.outbox = new Outbox(this.api, this.store, this.clock, {
      onChange: (status) => this.tell("saved", status),
      onGone: (refused) => this.ended(refused),
      onReach: (kind, data) => this.events.add(kind, data),
    });
    this.uploads = new Uploads(this.api, this.store, this.clock, () => this.tell("uploaded"));
  }

  show(screen) {
    if (this.screen && this.screen.leave) this.screen.leave();
    this.screen = screen;
    fill(this.root, screen.element);
    const heading = this.root.querySelector("h1");
    if (heading) { heading.tabIndex = -1; heading.focus({ preventScroll: true }); }
    this.tell("shown");
    this.tick();
  }

  /** Hands news to the screen that is up, if it cares. */
  tell(news, value) {
    if (this.screen && this.screen[news]) this.screen[news](value);
  }

  tick() {
    this.tell("tick");
    if (!this.session || !this.clock.known) return;
    const due = this.session.remaining <= 0 && this.session.times.phase !== "paused";
    if (this.paper && !this.session.receipt && !this.closed && due) this.timeUp();
  }

  async setLanguage(language) {
    await choose(language);
    this.api.language = current();
    this.begin();
  }

  /** Where a page that was just opened stands: a kept session goes on, else someone signs in. */
  async begin() {
    const kept = this.session || Session.kept(this);
    if (!kept) { this.showSignIn(); return; }
    if (!this.session && !(await this.tab.claim())) { this.show(blockedScreen(this)); return; }
    await this.enter(kept);
  }

  /** Another tab holds the exam; the candidate wants it here. */
  async takeOver() {
    await this.tab.takeOver();
    this.events.add("second_tab", {});
    await this.enter(Session.kept(this));
  }

  showSignIn(message) { this.show(signInScreen(this, message)); }

  async signIn(data) {
    if (!(await this.tab.claim())) await this.tab.takeOver();
    await this.enter(await Session.signIn(this, data));
  }

  async enter(session) {
    this.session = session;
    const entered = session;
    if (!session.beating) session.beatFor(() => this.report(), (answer) => this.heard(answer), (failure) => this.unheard(failure));
    if (session.receipt) { session.stopBeating(); this.showFinish(); return; }
    if (this.paper) { this.show(this.finishing ? finishScreen(this) : examScreen(this)); return; }
    this.show(waitingScreen(this));
    await session.fetchPaper().then(() => this.tell("paperReady"), (failure) => this.tell("paperFailed", failure));
    if (session === entered && session.state === "running") this.start();
  }

  report() {
    return {
      last_seq: this.outbox.seq, unsynced: this.outbox.unacknowledged().length + this.uploads.pending.size, focused: document.hasFocus(),
      answered: this.outbox.pairs().filter(([item, value]) => value && !item.startsWith("flag:")).length,
    };
  }

  heard(answer) {
    this.outbox.reachable(true);
    this.events.flush();
    if (answer.message && answer.message.at > this.messageShown) {
      this.messageShown = answer.message.at;
      this.tell("message", answer.message.text);
      announce(answer.message.text);
    }
    if (answer.phase !== this.phase) {
      if (this.phase === "paused") this.outbox.resume();
      this.phase = answer.phase;
      this.tell("phase", answer.phase);
    }
    if (this.session.receipt && this.paper) this.finished();
    else if (this.session.receipt && !(this.screen && this.screen.isFinish)) this.showFinish();
    else if (answer.go && !this.paper && !this.starting) {
      this.starting = true;
      setTimeout(() => this.start(), Math.random() * 500);
    }
    this.tell("tick");
  }

  unheard(failure) {
    if (failure.status === 401) this.ended(failure);
    else if (failure instanceof Unreachable) this.outbox.reachable(false);
  }

  /** Gets the key, opens the paper, restores the answers, shows the first item. Once at a time. */
  async start() {
    if (this.opening || this.paper || !this.session) return;
    this.starting = true;
    this.opening = true;
    try {
      await this.session.fetchPaper();
      const key = await this.session.start();
      const paper = await this.session.open(key);
      const [stored, local, snapshot] = await Promise.all([
        this.session.lastSeq === 0 ? [] : this.session.storedSteps(), this.store.steps(), this.store.getSealed("answers"),
      ]);
      this.outbox.restore({ base: this.session.info.seq_base, stored, local, snapshot, delay: this.session.info.save_ms });
      const draft = Session.draft();
      if (draft) this.outbox.put(draft.item, draft.value, draft.at).then(() => Session.dropDraft(draft.value));
      this.uploads.resume(paper.items).catch((failure) => this.events.add("equipment", { uploads: failure.message }));
      this.paper = paper;
      this.stopWatching = watchPolicy(this.session.info.rules, this.events, this.clock);
      this.show(examScreen(this));
      this.tell("saved", this.outbox.status);
    } catch (failure) {
      this.startFailed(failure);
    } finally {
      this.opening = false;
    }
  }

  startFailed(failure) {
    this.starting = false;
    if (failure.status === 401) { this.ended(failure); return; }
    if (failure.code === "handed_in") return; // the next heartbeat brings the receipt
    if (!(failure instanceof Refused || failure instanceof Unreachable)) { this.show(failureScreen(this, failure)); return; }
    this.tell("startFailed", failure);
    if (this.session.state === "running") setTimeout(() => this.start(), 2000);
  }

  /** Time is up: nothing more is typed; what was typed in time still travels during the grace. */
  timeUp() {
    if (this.finishing) return;
    this.tell("lock");
    this.handIn(true);
  }

  /** Hands in; repeats until the server has answered. The screen shows how it stands. */
  handIn(auto) {
    if (!this.finishing) this.finishing = this.handInUntilDone(auto).finally(() => { this.finishing = null; });
    return this.finishing;
  }

  async handInUntilDone(auto) {
    this.cancelled = false;
    this.showFinish();
    for (let tries = 0; !this.session.receipt && !this.cancelled; tries += 1) {
      try {
        if (auto && tries) await this.session.beat(this.report());
        if (auto && this.session.remaining > 1000) { this.backToExam(); return; } // extra time came meanwhile
        await this.handInOnce(auto);
      } catch (failure) {
        if (failure instanceof Refused && failure.code === "answers_differ" && tries < 8) { await this.agree(); continue; }
        if (failure instanceof Refused && failure.retryAfter === null) { this.handInRefused(failure); return; }
        if (!(failure instanceof Refused || failure instanceof Unreachable)) throw failure;
        this.tell("handInWaits", failure);
        await new Promise((resolve) => { setTimeout(resolve, failure.retryAfter || Math.min(1000 * (tries + 1), 4000)); });
      }
    }
    if (this.session.receipt) this.finished();
  }

  /** The candidate would rather go on answering than wait for the network. */
  backToExam() {
    this.cancelled = true;
    this.show(examScreen(this));
    this.tell("saved", this.outbox.status);
  }

  async handInOnce(auto) {
    await this.outbox.send();
    const { count, sha256 } = await this.digest();
    const steps = this.outbox.batch();
    const answer = await this.api.handIn({ count, sha256, steps, auto });
    this.outbox.settle(steps, []);
    this.session.receipt = answer.receipt;
    this.session.state = "handed_in";
    this.session.keep();
  }

  /** What this machine sees as the whole of the answers; what came too late for the server is no part of it. */
  digest() {
    const late = this.outbox.late;
    const pairs = this.outbox.pairs().filter(([item]) => !Array.from(late.values()).some((step) => step[1] === item));
    return digest(pairs.concat(this.uploads.pairs()));
  }

  /** The server's answers differ: take in what it holds, send what it lacks. */
  async agree() {
    const stored = await this.session.storedSteps();
    const kept = this.outbox.unacknowledged();
    this.outbox.answers.clear();
    this.outbox.late.clear();
    this.outbox.restore({ base: this.outbox.seq, stored, local: kept, delay: this.session.info.save_ms });
    await this.uploads.load();
    await this.outbox.send();
  }

  handInRefused(failure) {
    if (failure.status === 401) { this.ended(failure); return; }
    if (["time_up", "grace_over", "handed_in"].includes(failure.code)) {
      this.closed = true; // the server has handed in; its heartbeat brings the receipt
      this.tell("handInWaits", failure);
      return;
    }
    this.backToExam();
    ask(t("现在不能交卷"), failure.message, [{ label: t("继续作答"), value: true, kind: "primary", focus: true }]);
  }

  showFinish() {
    if (!(this.screen && this.screen.isFinish)) this.show(finishScreen(this));
  }

  finished() {
    this.outbox.stop();
    this.session.stopBeating();
    if (this.stopWatching) { this.stopWatching(); this.stopWatching = null; }
    Session.keepDraft(null);
    this.session.keep();
    this.showFinish();
    this.tell("receipt", this.session.receipt);
    if (this.uploads.pending.size) this.uploads.refresh();
  }

  /** Writes the rescue file: everything this machine knows that the server has not acknowledged. */
  async rescue() {
    const { info } = this.session;
    const { count, sha256 } = await this.digest();
    const { files, parts, left } = this.uploads.forRescue();
    const content = {
      format: RESCUE, attempt: info.attempt, ticket: info.ticket, token: info.token, subject: info.subject,
      created_ms: this.clock.now(), hand_in: true, steps: this.outbox.unacknowledged(), count, sha256, files,
    };
    const sealed = await sealFor(fromBase64(info.rescue_key.spki), utf8(JSON.stringify(content)), RESCUE, parts);
    const file = Object.assign({ format: RESCUE, key_id: info.rescue_key.key_id }, sealed);
    download(`${info.ticket}.jbrescue`, JSON.stringify(file), "application/json");
    return { steps: content.steps.length, files: files.length, left };
  }

  lostTab() {
    if (!this.session) return;
    this.outbox.stop();
    this.session.stopBeating();
    this.session = null;
    this.reset();
    this.show(blockedScreen(this));
  }

  /** The server no longer knows this session: signed in elsewhere, or moved to another seat. */
  ended(refused) {
    if (!this.session) return;
    this.outbox.stop();
    if (this.stopWatching) { this.stopWatching(); this.stopWatching = null; }
    this.session.forget();
    this.session = null;
    this.reset();
    this.show(endedScreen(this, refused));
  }

  signOut() {
    this.session.forget();
    this.session = null;
    this.reset();
    this.showSignIn();
  }
}

async function registerOfflinePages() {
  // Outside secure contexts there are no service workers: a reload then needs the network, the answers do not.
  if (navigator.serviceWorker && window.isSecureContext) await navigator.serviceWorker.register("/sit/sw.js", { scope: "/sit/" });
}

async function main() {
  await words();
  const config = JSON.parse(document.getElementById("config").textContent);
  const app = new App(document.getElementById("app"), config, await Store.open());
  window.addEventListener("pagehide", () => { if (app.session) app.session.keep(); });
  window.addEventListener("unhandledrejection", ({ reason }) => {
    app.events.add("equipment", { failure: String(reason && reason.stack ? reason.stack : reason).slice(0, 1500) });
  });
  await app.begin();
  registerOfflinePages().catch(() => app.tell("noOfflinePages"));
}

main();
