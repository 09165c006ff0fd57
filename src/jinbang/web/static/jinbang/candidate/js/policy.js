// The plan's policy on the clipboard and on leaving the page, and the events that record what happened.

import { Refused, Unreachable } from "./api.js";
import { ask } from "./dom.js";
import { t } from "./i18n.js";

export class Events {
  constructor(api, clock) { Object.assign(this, { api, clock, waiting: [], sending: false }); }

  add(kind, data) {
    this.waiting.push([kind, this.clock.known ? this.clock.now() : 0, data]);
    if (this.waiting.length > 500) this.waiting.shift();
  }

  /** Sends what is waiting; called after each heartbeat, so it needs no timer of its own. */
  async flush() {
    if (this.sending || !this.waiting.length || !this.api.token) return;
    this.sending = true;
    const events = this.waiting.slice(0, 50);
    try {
      await this.api.events(events);
      this.waiting.splice(0, events.length);
    } catch (failure) {
      if (!(failure instanceof Refused || failure instanceof Unreachable)) throw failure;
      if (failure.status === 400) this.waiting.splice(0, events.length); // never asked for again
    } finally {
      this.sending = false;
    }
  }
}

const inAnswer = (target) => Boolean(target.closest && target.closest("[data-answer]"));

function clipboard(rule, events) {
  return (event) => {
    const kind = event.type === "paste" ? "paste" : "copy";
    const length = kind === "paste"
      ? (event.clipboardData ? event.clipboardData.getData("text").length : 0) : String(window.getSelection()).length;
    events.add(kind, { length, cut: event.type === "cut", in_answer: inAnswer(event.target), blocked: rule === "block" });
    if (rule === "block") event.preventDefault();
  };
}

function focusWatch(rule, events, clock) {
  let left = null;
  const away = () => { if (left === null) { left = clock.now(); events.add("focus_lost", {}); } };
  const back = () => {
    if (left === null || document.hidden) return;
    const gone = clock.now() - left;
    left = null;
    events.add("focus_back", { ms: gone });
    if (rule === "warn" && gone > 1000) {
      ask(t("您离开了考试页面"), t("离开 {s} 秒，已记录并显示在监考台。考试期间请勿切换窗口。", { s: Math.round(gone / 1000) }),
        [{ label: t("知道了"), value: true, kind: "primary", focus: true }]);
    }
  };
  return { away, back, hidden: () => (document.hidden ? away() : back()) };
}

/** Puts the plan's rules in force; the returned function lifts them. */
export function watchPolicy(rules, events, clock) {
  const undo = [];
  const on = (target, name, listener) => {
    target.addEventListener(name, listener);
    undo.push(() => target.removeEventListener(name, listener));
  };
  if (rules.copy_paste === "log" || rules.copy_paste === "block") {
    const listener = clipboard(rules.copy_paste, events);
    ["copy", "cut", "paste"].forEach((name) => on(document, name, listener));
    if (rules.copy_paste === "block") on(document, "contextmenu", (event) => event.preventDefault());
  }
  if (rules.focus_loss === "log" || rules.focus_loss === "warn") {
    const watch = focusWatch(rules.focus_loss, events, clock);
    on(window, "blur", watch.away);
    on(window, "focus", watch.back);
    on(document, "visibilitychange", watch.hidden);
  }
  return () => undo.forEach((each) => each());
}
