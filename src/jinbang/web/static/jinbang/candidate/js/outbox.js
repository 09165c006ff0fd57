// The answer log as the client keeps it: every change becomes a numbered step that is written to this
// machine, sent, and called saved only once the server has answered that it is durable.

import { Refused, Unreachable } from "./api.js";
import { lay } from "./answers.js";

const RETRY = [1000, 2000, 4000, 5000];
const ANSWERING_CLOSED = ["time_up", "not_started", "grace_over", "handed_in", "seq_range"];

export class Outbox {
  /** `onChange(status)` whenever what is saved, waiting or late changes; `onGone(refused)` when the session ended;
   *  `onReach("offline" | "online", data)` when the server goes away or comes back. */
  constructor(api, store, clock, { onChange, onGone, onReach }) {
    Object.assign(this, { api, store, clock, onChange, onGone, onReach });
    this.answers = new Map();
    this.pending = new Map();
    this.late = new Map();
    this.held = new Map();
    this.seq = 0;
    this.offlineSince = null;
    this.savedAt = null;
    this.delay = 1000;
    this.failures = 0;
    this.timer = null;
    this.sending = null;
    this.stopped = false;
    this.writes = Promise.resolve();
    this.storeFailed = false;
  }

  /** Begins from `base` (the session's first number less one), stored steps and those left on this machine. */
  restore({ base, stored, local, snapshot, delay }) {
    this.delay = delay;
    lay(this.answers, snapshot || []);
    lay(this.answers, stored);
    lay(this.answers, local);
    const known = new Set(stored.map(([seq]) => seq));
    local.filter(([seq]) => !known.has(seq)).forEach((step) => this.pending.set(step[0], step));
    const highest = Math.max(0, ...Array.from(this.answers.values(), (a) => a.seq));
    this.seq = Math.max(base, highest, this.seq);
    if (this.pending.size) this.schedule(0);
    this.changed();
  }

  value(item) { const known = this.answers.get(item); return known ? known.value : ""; }

  /** The candidate changed the answer to `item`; resolves once the step is on this machine. */
  put(item, value, typedAt = this.clock.now()) {
    if (this.stopped || this.value(item) === value) return Promise.resolve();
    this.seq += 1;
    const step = [this.seq, item, value, typedAt];
    this.answers.set(item, { seq: this.seq, value });
    this.pending.set(this.seq, step);
    const kept = this.keep(() => this.store.putStep(step));
    this.schedule(this.delay);
    this.changed();
    return kept;
  }

  /** Writes to the machine in order; a full disk is shown, and sending goes on. */
  keep(write) {
    this.writes = this.writes.then(write).catch(() => { this.storeFailed = true; this.changed(); });
    return this.writes;
  }

  /** `{state: "saved"|"waiting"|"offline", count, since, at, late, storeFailed}` for the status line. */
  get status() {
    const count = this.pending.size + this.held.size;
    const state = this.offlineSince !== null ? "offline" : count ? "waiting" : "saved";
    return { state, count, since: this.offlineSince, at: this.savedAt, late: this.late.size, storeFailed: this.storeFailed };
  }

  changed() { this.onChange(this.status); }

  /** Told by whoever else talks to the server whether it answers. */
  reachable(yes) {
    if (yes && this.offlineSince !== null) {
      this.onReach("online", { ms: this.clock.now() - this.offlineSince });
      this.offlineSince = null;
      this.failures = 0;
      if (this.pending.size) this.schedule(0);
      this.changed();
    } else if (!yes && this.offlineSince === null) {
      this.offlineSince = this.clock.now();
      this.onReach("offline", {});
      this.changed();
    }
  }

  schedule(wait) {
    if (this.stopped || this.sending) return;
    const due = performance.now() + wait;
    if (this.timer !== null && this.due <= due) return;
    clearTimeout(this.timer);
    this.due = due;
    this.timer = setTimeout(() => { this.timer = null; this.send(); }, wait);
  }

  /** The unacknowledged steps, in order, as many as one request may hold. */
  batch(most = 500) {
    return Array.from(this.pending.values()).sort((a, b) => a[0] - b[0]).slice(0, most);
  }

  /** Sends now what is waiting; resolves when the server has answered or could not be reached. */
  send() {
    if (this.sending) return this.sending;
    if (!this.pending.size || this.stopped) return Promise.resolve();
    this.sending = this.exchange().then((wait) => {
      this.sending = null;
      if (this.pending.size && !this.stopped) this.schedule(wait);
      this.changed();
    });
    return this.sending;
  }

  /** One request; returns after how many milliseconds the next may follow. */
  async exchange() {
    const steps = this.batch();
    try {
      const answer = await this.api.steps({ steps, unsynced: this.pending.size });
      this.failures = 0;
      this.reachable(true);
      this.settle(steps, answer.refused || []);
      return this.delay;
    } catch (failure) {
      return this.failed(failure);
    }
  }

  failed(failure) {
    if (failure instanceof Refused) return this.refused(failure);
    if (!(failure instanceof Unreachable)) throw failure;
    this.reachable(false);
    const wait = RETRY[Math.min(this.failures, RETRY.length - 1)];
    this.failures += 1;
    return wait;
  }

  refused(failure) {
    if (failure.retryAfter !== null) return failure.retryAfter * (1 + Math.random() / 2);
    if (failure.status === 401) { this.stop(); this.onGone(failure); return 0; }
    const steps = this.batch();
    if (failure.code === "paused" || ANSWERING_CLOSED.includes(failure.code)) {
      this.settle(steps, steps.map(([seq]) => [seq, failure.code]));
    }
    return 5000;
  }

  /** The server has answered for `steps`: drop what is durable, keep apart what came too late. */
  settle(steps, refused) {
    const no = new Map(refused);
    const stored = steps.filter(([seq]) => !no.has(seq));
    stored.forEach(([seq]) => this.pending.delete(seq));
    steps.filter(([seq]) => ANSWERING_CLOSED.includes(no.get(seq))).forEach((step) => {
      this.pending.delete(step[0]);
      this.late.set(step[0], step);
    });
    steps.filter(([seq]) => no.get(seq) === "paused").forEach((step) => {
      this.pending.delete(step[0]);
      this.held.set(step[0], step);
    });
    if (stored.length) this.savedAt = this.clock.now();
    const conflicts = steps.some(([seq]) => no.get(seq) === "seq_conflict");
    this.keep(async () => {
      await this.store.putSealed("answers", Array.from(this.answers, ([item, { seq, value }]) => [seq, item, value]));
      await this.store.dropSteps(stored.map(([seq]) => seq));
    });
    if (conflicts) this.renumber();
  }

  /** Another tab used a number of ours: everything waiting gets new numbers, in the same order. */
  renumber() {
    const steps = this.batch(Infinity);
    this.pending.clear();
    const old = steps.map(([seq]) => seq);
    steps.forEach(([, item, value, typedAt]) => {
      this.seq += 1;
      const step = [this.seq, item, value, typedAt];
      this.pending.set(this.seq, step);
      lay(this.answers, [step]);
      this.keep(() => this.store.putStep(step));
    });
    this.keep(() => this.store.dropSteps(old));
  }

  /** The pause is over: what was typed into it, before the news came, is typed anew now. */
  resume() {
    const steps = Array.from(this.held.values());
    this.held.clear();
    steps.forEach((step) => this.pending.set(step[0], [step[0], step[1], step[2], this.clock.now()]));
    if (steps.length) { this.renumber(); this.schedule(0); this.changed(); }
  }

  /** Everything that the server has not acknowledged, refused steps included, in order. */
  unacknowledged() {
    const all = [this.pending, this.held, this.late].map((map) => Array.from(map.values()));
    return [].concat(...all).sort((a, b) => a[0] - b[0]);
  }

  /** Item → value pairs of everything answered. */
  pairs() { return Array.from(this.answers, ([item, { value }]) => [item, value]); }

  /** No more steps from this page: another tab or PC goes on, or all is handed in. */
  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
    this.timer = null;
  }
}
