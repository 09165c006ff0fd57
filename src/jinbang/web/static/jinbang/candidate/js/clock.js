// The server's time on this machine. The PC's own clock may be wrong or be changed in mid-exam, so it is
// never asked while the page lives: the monotonic `performance.now()` carries the last answer forward.

export class ServerClock {
  constructor(monotonic = () => performance.now()) {
    this.monotonic = monotonic;
    this.offset = null;
    this.spread = Infinity;
    this.measured = 0;
  }

  /** Whether the server's time is known at all. */
  get known() { return this.offset !== null; }

  /** Takes in an answer that carried `serverMs`; `sentAt` is `monotonic()` when the question left. */
  take(serverMs, sentAt) {
    const received = this.monotonic();
    const spread = received - sentAt;
    // A quicker exchange bounds the error better; an old measurement yields, for clocks drift and PCs sleep.
    if (spread <= this.spread || received - this.measured > 60000 || this.isFarFrom(serverMs, received, spread)) {
      this.offset = serverMs - (received - spread / 2);
      this.spread = spread;
      this.measured = received;
    }
  }

  isFarFrom(serverMs, received, spread) {
    return Math.abs(received + this.offset - serverMs) > this.spread + spread + 500;
  }

  /** Goes on from a stored pair after a reload without network; never behind the stored server time. */
  resume(saved) {
    const elapsed = Math.max(0, Date.now() - saved.wall);
    this.offset = saved.server + elapsed - this.monotonic();
    this.spread = Infinity;
  }

  /** The pair that `resume` needs. */
  save() { return { server: this.now(), wall: Date.now() }; }

  /** Milliseconds since 1970 by the server's clock. */
  now() { return Math.round(this.monotonic() + this.offset); }
}

/** `h:mm:ss`, or `mm:ss` under an hour; negative spans read as zero. */
export function span(milliseconds) {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const two = (n) => String(n).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const rest = `${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`;
  return hours ? `${hours}:${rest}` : rest;
}

/** Time of day in the programme's zone (UTC+8 all year), whatever zone the PC is set to. */
export function timeOfDay(milliseconds, seconds = true) {
  const iso = new Date(milliseconds + 8 * 3600000).toISOString();
  return iso.slice(11, seconds ? 19 : 16);
}
