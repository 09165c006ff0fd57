// One sign-in of one candidate on this page: who, where, until when; the heartbeat; and what survives a reload.

import { Refused, Unreachable } from "./api.js";
import { base64, decrypt, fromBase64, hex, inflate, sha256, text, utf8 } from "./crypto/index.js";

const KEPT = "jinbang.session";
const DRAFT = "jinbang.draft";

export class Session {
  constructor(api, store, clock, info, storeKey) {
    Object.assign(this, { api, store, clock, info, storeKey });
    this.times = {
      starts_at: info.starts_at, closes_at: info.closes_at, hand_in_from: info.starts_at, phase: "sign_in", go: false,
    };
    this.state = info.state;
    this.receipt = info.receipt || null;
    this.message = null;
    this.timer = null;
    this.failures = 0;
    api.token = info.token;
    store.use(info.attempt, storeKey);
  }

  /** Signs in and returns the session; rejects with `Refused` or `Unreachable`. */
  static async signIn({ api, store, clock }, data) {
    const info = await api.signIn(data);
    const session = new Session(api, store, clock, info, fromBase64(info.store_key));
    session.keep();
    return session;
  }

  /** The session that this tab had before a reload, or null. */
  static kept({ api, store, clock }) {
    const saved = JSON.parse(sessionStorage.getItem(KEPT) || "null");
    if (!saved) return null;
    clock.resume(saved.clock);
    const session = new Session(api, store, clock, saved.info, fromBase64(saved.key));
    Object.assign(session, { times: saved.times, state: saved.state, receipt: saved.receipt });
    return session;
  }

  /** What a reload needs goes into the tab's own storage, which other tabs and later visitors do not see. */
  keep() {
    sessionStorage.setItem(KEPT, JSON.stringify({
      info: this.info, key: base64(this.storeKey), times: this.times, state: this.state, receipt: this.receipt,
      clock: this.clock.save(),
    }));
  }

  forget() {
    this.stopBeating();
    sessionStorage.removeItem(KEPT);
    sessionStorage.removeItem(DRAFT);
    this.api.token = null;
  }

  /** A text being typed, kept at every key stroke until it becomes a step. */
  static keepDraft(draft) {
    if (draft) sessionStorage.setItem(DRAFT, JSON.stringify(draft));
    else sessionStorage.removeItem(DRAFT);
  }

  /** The text is a step on this machine now; a newer one that is being typed stays. */
  static dropDraft(value) {
    const draft = Session.draft();
    if (draft && draft.value === value) Session.keepDraft(null);
  }

  static draft() { return JSON.parse(sessionStorage.getItem(DRAFT) || "null"); }

  stopBeating() {
    this.beating = false;
    clearTimeout(this.timer);
  }

  /** Beats until `stopBeating`; `tell()` supplies the body, `heard(answer)` and `lost(failure)` get the outcome. */
  beatFor(tell, heard, lost) {
    this.beating = true;
    const once = async () => {
      if (!this.beating) return;
      let wait = this.info.beat_ms;
      try {
        heard(await this.beat(tell()));
        this.failures = 0;
      } catch (failure) {
        if (!(failure instanceof Refused || failure instanceof Unreachable)) throw failure;
        this.failures += 1;
        wait = failure.retryAfter || Math.min(1000 * 2 ** (this.failures - 1), 5000);
        lost(failure);
        if (failure.status === 401) return;
      }
      if (this.beating) this.timer = setTimeout(once, wait);
    };
    clearTimeout(this.timer);
    return once();
  }

  async beat(body) {
    const answer = await this.api.beat(body);
    ["starts_at", "closes_at", "extra_s", "hand_in_from", "phase", "go"].forEach((name) => {
      if (answer[name] !== undefined) this.times[name] = answer[name];
    });
    this.state = answer.state;
    this.message = answer.message || null;
    if (answer.beat_ms) this.info.beat_ms = answer.beat_ms;
    if (answer.receipt) this.receipt = answer.receipt;
    this.keep();
    return answer;
  }

  /** Fetches the sealed paper unless this machine has it, and checks its hash. */
  async fetchPaper() {
    const here = await this.store.getPaper();
    if (here && hex(await sha256(here)) === this.info.paper.sha256) return;
    const bytes = await this.api.paper();
    if (hex(await sha256(bytes)) !== this.info.paper.sha256) throw new Unreachable("the paper was damaged on its way");
    await this.store.putPaper(bytes);
  }

  /** Opens the attempt and gets the key, or after a reload without network takes the one kept here. */
  async start() {
    try {
      const answer = await this.api.start();
      this.times.closes_at = answer.closes_at;
      this.state = "running";
      this.lastSeq = answer.last_seq;
      this.keep();
      await this.store.putSealed("key", answer.key).catch(() => {});
      return fromBase64(answer.key);
    } catch (failure) {
      const key = failure instanceof Unreachable && this.state === "running" ? await this.store.getSealed("key") : null;
      if (!key) throw failure;
      return fromBase64(key);
    }
  }

  /** The paper in the clear. */
  async open(key) {
    const sealed = await this.store.getPaper();
    const label = utf8(`jinbang-paper/1:${this.info.attempt}`);
    if (text(sealed.subarray(0, 4)) !== "JBP1") throw new Error("not a sealed paper");
    const packed = await decrypt(key, sealed.subarray(4, 16), sealed.subarray(16), label);
    return JSON.parse(text(await inflate(packed)));
  }

  /** All steps that the server holds; an empty list without network. */
  async storedSteps() {
    let steps = [];
    try {
      for (let more = true, after = 0; more;) {
        const answer = await this.api.stepsAfter(after);
        steps = steps.concat(answer.steps);
        more = answer.more;
        if (answer.steps.length) after = answer.steps[answer.steps.length - 1][0];
      }
    } catch (failure) {
      if (!(failure instanceof Unreachable)) throw failure;
    }
    return steps;
  }

  get remaining() { return this.times.closes_at - this.clock.now(); }
}
