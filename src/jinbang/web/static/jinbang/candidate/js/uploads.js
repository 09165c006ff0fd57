// Files of a practical task: kept on this machine until the server has them, sent in chunks that resume where the
// server's count stands; receipts listed.

import { Refused, Unreachable } from "./api.js";
import { hex, sha256 } from "./crypto/index.js";

const KEPT = 4 << 20; // a larger file is not stored across a reload: choosing it again is quicker
const RESCUED = 12 << 20; // of all files in a rescue file
const PART = 256 << 10;
const HOPELESS = ["not_found", "too_large", "bad_request"];

const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

export class Uploads {
  constructor(api, store, clock, onChange) {
    Object.assign(this, { api, store, clock, onChange, receipts: [], progressing: new Map(), pending: new Map(), sending: new Map() });
  }

  /** Reads the receipts of everything that is complete; what the server has by another way (a rescue file) waits no longer. */
  async load() {
    this.receipts = (await this.api.uploads()).uploads;
    for (const [key, file] of Array.from(this.pending)) {
      const { item, name, sha256: hash } = file.about;
      if (this.versions(item, name).some((r) => r.sha256 === hash)) await this.settle(key, file);
    }
    this.onChange();
  }

  /** Like `load`, but what cannot be read now is left as it is. */
  refresh() {
    return this.load().catch((failure) => { if (!(failure instanceof Refused || failure instanceof Unreachable)) throw failure; });
  }

  versions(item, name) {
    return this.receipts.filter((r) => r.item === item && r.name === name).sort((a, b) => b.version - a.version);
  }

  /** What the hand-in's hash counts: the newest complete version of each file. */
  pairs() {
    const newest = new Map();
    this.receipts.forEach((r) => {
      const key = `file:${r.item}/${r.name}`;
      if (!newest.has(key) || newest.get(key).version < r.version) newest.set(key, r);
    });
    return Array.from(newest, ([key, r]) => [key, r.sha256]);
  }

  progress(item, name) { return this.progressing.get(`${item}/${name}`) || null; }

  report(key, state) {
    if (state) this.progressing.set(key, state);
    else this.progressing.delete(key);
    this.onChange();
  }

  /** Takes `file` as the newest `name` of `item`; resolves when the server has it, rejects only if it refuses. */
  async choose(item, name, file) {
    const bytes = new Uint8Array(await new Response(file).arrayBuffer());
    const about = { item, name, size: bytes.length, sha256: hex(await sha256(bytes)), at: this.clock.now() };
    const key = `${item}/${name}`;
    this.pending.set(key, { about, bytes });
    if (bytes.length <= KEPT) await this.store.putBytes(`upload:${key}`, about, bytes).catch(() => {});
    else await this.store.drop(`upload:${key}`).catch(() => {});
    return this.send(key);
  }

  /** Goes on with files that a page before this one had not got through. */
  async resume(items) {
    const names = Object.keys(items).reduce((all, item) => all.concat((items[item].files || []).map((name) => `${item}/${name}`)), []);
    for (const key of names) {
      const kept = this.pending.has(key) ? null : await this.store.getBytes(`upload:${key}`);
      if (kept) {
        this.pending.set(key, { about: kept[0], bytes: kept[1] });
        this.send(key).catch((failure) => { if (!(failure instanceof Refused)) throw failure; });
      }
    }
  }

  /** One sending at a time for each file; whatever was chosen last is what goes. */
  send(key) {
    if (!this.sending.has(key)) this.sending.set(key, this.sendUntilDone(key).finally(() => this.sending.delete(key)));
    return this.sending.get(key);
  }

  async sendUntilDone(key) {
    for (let failures = 0; this.pending.has(key);) {
      const file = this.pending.get(key);
      try {
        await this.sendOnce(key, file);
        await this.settle(key, file);
      } catch (failure) {
        failures += 1;
        await this.afterFailure(key, file, failure, failures);
      }
    }
  }

  async afterFailure(key, file, failure, failures) {
    const again = failure instanceof Unreachable || (failure instanceof Refused && failures <= 20
      && (failure.retryAfter !== null || ["offset_differs", "digest_differs"].includes(failure.code)));
    if (!again) {
      if (HOPELESS.includes(failure.code)) await this.settle(key, file);
      this.report(key, null);
      throw failure;
    }
    this.report(key, { sent: 0, size: file.bytes.length, waiting: true });
    await pause(failure.retryAfter || Math.min(1000 * failures, 5000));
  }

  /** Nothing more to do for `file`, unless another was chosen meanwhile. */
  async settle(key, file) {
    if (this.pending.get(key) !== file) return;
    this.pending.delete(key);
    this.report(key, null);
    await this.store.drop(`upload:${key}`).catch(() => {});
  }

  async sendOnce(key, { about, bytes }) {
    const { item, name, size, sha256: hash } = about;
    let state = await this.api.beginUpload({ item, name, size, sha256: hash });
    const { upload, chunk } = state;
    while (!state.complete) {
      this.report(key, { sent: state.received, size, waiting: false });
      state = await this.api.chunk(upload, state.received, bytes.subarray(state.received, state.received + chunk));
    }
    this.receipts = this.receipts.filter((r) => r.upload !== upload).concat(state.receipt);
  }

  /** What goes into a rescue file: files with the numbers of their parts, the parts, and the names left out as too large. */
  forRescue() {
    const [files, parts, left] = [[], [], []];
    let room = RESCUED;
    Array.from(this.pending.values()).sort((a, b) => a.bytes.length - b.bytes.length).forEach(({ about, bytes }) => {
      if (bytes.length > room) { left.push(about.name); return; }
      room -= bytes.length;
      const numbers = [];
      for (let at = 0; at < bytes.length; at += PART) numbers.push(parts.push(bytes.subarray(at, at + PART)) - 1);
      const { item, name, size, sha256: hash, at } = about;
      files.push({ item, name, size, sha256: hash, at_ms: at, parts: numbers });
    });
    return { files, parts, left };
  }
}
