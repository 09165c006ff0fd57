// The exam protocol over fetch: one method per request. Every answer sets the server's clock.

/** The server said no: `code` is stable, `message` is for people, `retryAfter` in milliseconds or null. */
export class Refused extends Error {
  constructor(status, body, language) {
    super((language === "en" ? body.message_en : body.message_zh) || body.code || `HTTP ${status}`);
    this.status = status;
    this.code = body.code || "unknown";
    this.retryAfter = body.retry_after_ms || null;
    this.body = body;
  }
}

/** No answer came: the network or the server is away. */
export class Unreachable extends Error {}

export class Api {
  constructor(base, clock, language) {
    this.base = base;
    this.clock = clock;
    this.language = language;
    this.token = null;
  }

  async fetch(method, path, { body, headers = {}, timeout = 8000 } = {}) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), timeout);
    const all = Object.assign({}, headers, this.token ? { Authorization: `Bearer ${this.token}` } : {});
    try {
      const sent = performance.now();
      const response = await fetch(this.base + path, {
        method, body, headers: all, signal: stop.signal, cache: "no-store", credentials: "omit",
      });
      const binary = (response.headers.get("content-type") || "").includes("octet-stream");
      const content = binary && response.ok ? new Uint8Array(await response.arrayBuffer()) : await response.text();
      return { response, content, sent };
    } catch (failure) {
      throw new Unreachable(failure.message);
    } finally {
      clearTimeout(timer);
    }
  }

  async json(method, path, data, options = {}) {
    const sending = data === undefined ? {} : { body: JSON.stringify(data), headers: { "Content-Type": "application/json" } };
    const { response, content, sent } = await this.fetch(method, path, Object.assign(sending, options));
    const answer = this.parse(response, content);
    if (typeof answer.now === "number") this.clock.take(answer.now, sent);
    if (!response.ok) throw new Refused(response.status, answer, this.language);
    return answer;
  }

  parse(response, content) {
    try {
      return JSON.parse(content);
    } catch (notJson) {
      // A proxy's error page, or a server that is just going down: not an answer of the exam server.
      throw new Unreachable(`HTTP ${response.status}`);
    }
  }

  async bytes(path, timeout = 30000) {
    const { response, content } = await this.fetch("GET", path, { timeout });
    if (!response.ok) throw new Refused(response.status, this.parse(response, content), this.language);
    return content;
  }

  time() { return this.json("GET", "/time"); }
  signIn(data) { return this.json("POST", "/sign-in", data, { timeout: 15000 }); }
  paper() { return this.bytes("/paper"); }
  material(sha256) { return this.bytes(`/material/${sha256}`, 120000); }
  beat(data) { return this.json("POST", "/beat", data, { timeout: 5000 }); }
  start() { return this.json("POST", "/start", {}, { timeout: 15000 }); }
  steps(data) { return this.json("POST", "/steps", data); }
  stepsAfter(seq) { return this.json("GET", `/steps?after=${seq}`, undefined, { timeout: 15000 }); }
  events(events) { return this.json("POST", "/events", { events }); }
  handIn(data) { return this.json("POST", "/hand-in", data, { timeout: 15000 }); }
  snapshots() { return this.json("GET", "/snapshots"); }
  uploads() { return this.json("GET", "/uploads"); }
  beginUpload(data) { return this.json("POST", "/uploads", data); }

  chunk(upload, offset, bytes) {
    const headers = { "Content-Type": "application/octet-stream" };
    return this.json("PUT", `/uploads/${upload}?offset=${offset}`, undefined, { body: bytes, headers, timeout: 60000 });
  }
}
