// What this machine keeps: papers (sealed as they came), steps not yet acknowledged and a snapshot of the
// answers, each encrypted under the attempt's store key, which itself is never written to the disk.

import { decrypt, encrypt, random, text, utf8 } from "./crypto/index.js";

const DATABASE = "jinbang-exam";

const done = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

function openDatabase() {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore("things");
    request.result.createObjectStore("steps");
  };
  return done(request);
}

/** Stands in when the browser offers no IndexedDB (private windows): all is lost with the page, and the screen says so. */
class Memory {
  constructor() { this.maps = { things: new Map(), steps: new Map() }; this.lasting = false; }
  async put(name, key, value) { this.maps[name].set(String(key), [key, value]); }
  async get(name, key) { const row = this.maps[name].get(String(key)); return row && row[1]; }
  async remove(name, keys) { keys.forEach((key) => this.maps[name].delete(String(key))); }
  async range(name, attempt) { return Array.from(this.maps[name].values()).filter(([key]) => key[0] === attempt); }
}

class Disk {
  constructor(database) { this.database = database; this.lasting = true; }

  table(name, mode) { return this.database.transaction(name, mode).objectStore(name); }

  put(name, key, value) { return done(this.table(name, "readwrite").put(value, key)); }

  get(name, key) { return done(this.table(name, "readonly").get(key)); }

  remove(name, keys) {
    const table = this.table(name, "readwrite");
    return Promise.all(keys.map((key) => done(table.delete(key))));
  }

  async range(name, attempt) {
    const table = this.table(name, "readonly");
    const bounds = IDBKeyRange.bound([attempt, 0], [attempt, Infinity]);
    const [keys, values] = await Promise.all([done(table.getAllKeys(bounds)), done(table.getAll(bounds))]);
    return keys.map((key, i) => [key, values[i]]);
  }
}

export class Store {
  constructor(backend) { this.backend = backend; this.attempt = 0; this.key = null; }

  static async open() {
    try {
      return new Store(new Disk(await openDatabase()));
    } catch (unavailable) {
      return new Store(new Memory());
    }
  }

  /** Whether what is stored outlives the page. */
  get lasting() { return this.backend.lasting; }

  /** From now on everything belongs to `attempt` and is encrypted under `key` (32 bytes). */
  use(attempt, key) { this.attempt = attempt; this.key = key; }

  label(name) { return utf8(`jinbang-store/1:${this.attempt}:${name}`); }

  async seal(name, value) {
    const nonce = random(12);
    return { nonce, data: await encrypt(this.key, nonce, utf8(JSON.stringify(value)), this.label(name)) };
  }

  async unseal(name, row) {
    return JSON.parse(text(await decrypt(this.key, row.nonce, row.data, this.label(name))));
  }

  async putSealed(name, value) {
    return this.backend.put("things", `${this.attempt}:${name}`, await this.seal(name, value));
  }

  async getSealed(name) {
    const row = await this.backend.get("things", `${this.attempt}:${name}`);
    return row ? this.unseal(name, row) : null;
  }

  /** Keeps bytes as they are, sealed. */
  async putBytes(name, about, bytes) {
    const nonce = random(12);
    const data = await encrypt(this.key, nonce, bytes, this.label(name));
    return this.backend.put("things", `${this.attempt}:${name}`, { nonce, data, about: await this.seal(`${name}:about`, about) });
  }

  /** `[about, bytes]`, or null. */
  async getBytes(name) {
    const row = await this.backend.get("things", `${this.attempt}:${name}`);
    if (!row) return null;
    return [await this.unseal(`${name}:about`, row.about), await decrypt(this.key, row.nonce, row.data, this.label(name))];
  }

  drop(name) { return this.backend.remove("things", [`${this.attempt}:${name}`]); }

  /** The paper is sealed already and its key comes from the server only. */
  putPaper(bytes) { return this.backend.put("things", `${this.attempt}:paper`, bytes); }

  getPaper() { return this.backend.get("things", `${this.attempt}:paper`); }

  async putStep(step) {
    return this.backend.put("steps", [this.attempt, step[0]], await this.seal(`step:${step[0]}`, step));
  }

  dropSteps(seqs) { return this.backend.remove("steps", seqs.map((seq) => [this.attempt, seq])); }

  /** Every step that was never acknowledged, in order. */
  async steps() {
    const rows = await this.backend.range("steps", this.attempt);
    const steps = await Promise.all(rows.map(([key, row]) => this.unseal(`step:${key[1]}`, row)));
    return steps.sort((a, b) => a[0] - b[0]);
  }
}

/** Made once per machine; the server binds the attempt to it. */
export function deviceKey() {
  let key = localStorage.getItem("jinbang.device");
  if (!key) {
    key = Array.from(random(24), (b) => b.toString(16).padStart(2, "0")).join("");
    localStorage.setItem("jinbang.device", key);
  }
  return key;
}
