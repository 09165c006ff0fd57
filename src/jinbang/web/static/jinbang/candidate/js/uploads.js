// Files of a practical task: sent in chunks that resume where the server's count stands; receipts listed.

import { Refused, Unreachable } from "./api.js";
import { hex, sha256 } from "./crypto/index.js";

const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

export class Uploads {
  constructor(api, onChange) { Object.assign(this, { api, onChange, receipts: [], running: new Map() }); }

  /** Reads the receipts of everything that is complete. */
  async load() {
    this.receipts = (await this.api.uploads()).uploads;
    this.onChange();
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

  progress(item, name) { return this.running.get(`${item}/${name}`) || null; }

  report(item, name, state) {
    if (state) this.running.set(`${item}/${name}`, state);
    else this.running.delete(`${item}/${name}`);
    this.onChange();
  }

  /** Sends `file` as `name` of `item` and goes on through outages; rejects only if the server refuses the file. */
  async send(item, name, file) {
    const bytes = new Uint8Array(await new Response(file).arrayBuffer());
    const about = { item, name, size: bytes.length, sha256: hex(await sha256(bytes)), kind: "file" };
    for (let failures = 0; ;) {
      try {
        await this.sendOnce(about, bytes);
        this.report(item, name, null);
        return;
      } catch (failure) {
        const again = failure instanceof Unreachable || (failure instanceof Refused && (failure.retryAfter !== null
          || ["offset_differs", "digest_differs"].includes(failure.code)));
        failures += 1;
        if (!again || (failure instanceof Refused && failures > 20)) { this.report(item, name, null); throw failure; }
        this.report(item, name, { sent: 0, size: bytes.length, waiting: true });
        await pause(failure.retryAfter || Math.min(1000 * failures, 5000));
      }
    }
  }

  async sendOnce(about, bytes) {
    let state = await this.api.beginUpload(about);
    const { upload, chunk } = state;
    while (!state.complete) {
      this.report(about.item, about.name, { sent: state.received, size: bytes.length, waiting: false });
      state = await this.api.chunk(upload, state.received, bytes.subarray(state.received, state.received + chunk));
    }
    this.receipts = this.receipts.filter((r) => r.upload !== upload).concat(state.receipt);
  }
}
