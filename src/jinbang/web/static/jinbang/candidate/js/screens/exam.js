// The exam page: one item at a time, the answer card beside it, the time and the state of saving above.

import { span, timeOfDay } from "../clock.js";
import { announce, ask, fill, h } from "../dom.js";
import { t } from "../i18n.js";
import { drawMarks, selectedSpan, toggle } from "./highlight.js";
import { itemView } from "./items.js";
import { mark, savedWords, subjectOf } from "./parts.js";
import { calculator, showShortcuts, sizeButtons } from "./tools.js";

/** The items in the order of the paper, numbered through all sections. */
function itemsOf(paper) {
  const list = [];
  paper.sections.forEach((section) => section.items.forEach((id) => {
    list.push(Object.assign({ id, number: list.length + 1, section: section.name }, paper.items[id]));
  }));
  return list;
}

class ExamScreen {
  constructor(app) {
    this.app = app;
    this.items = itemsOf(app.paper);
    this.isExam = true;
    this.index = Math.min(app.position || 0, this.items.length - 1);
    this.marks = {};
    this.warned = new Set();
    this.locked = false;
    this.build();
    app.store.getSealed("marks").then((marks) => { this.marks = marks || {}; this.drawMarks(); });
    this.onKey = (event) => this.key(event);
    document.addEventListener("keydown", this.onKey);
    this.go(this.index, false);
    if (app.session.times.phase === "paused") this.phase("paused");
    if (app.session.message) this.message(app.session.message.text);
  }

  build() {
    const { info } = this.app.session;
    this.timeLeft = h("strong", { class: "time-left numbers", role: "timer", "aria-label": t("剩余时间") });
    this.saveState = h("span", { class: "save good", role: "status" });
    this.banner = h("div", { class: "banner", role: "alert", hidden: true });
    this.holder = h("div", { class: "item-holder" });
    this.flag = h("button", { type: "button", class: "button", onclick: () => this.toggleFlag() });
    this.previous = h("button", { type: "button", class: "button", onclick: () => this.go(this.index - 1) }, t("← 上一题"));
    this.next = h("button", { type: "button", class: "button", onclick: () => this.go(this.index + 1) }, t("下一题 →"));
    this.card = h("nav", { class: "card", "aria-label": t("答题卡") });
    this.counts = h("p", { class: "counts" });
    this.handInButton = h("button", { type: "button", class: "button primary wide", onclick: () => this.askHandIn() }, t("交卷"));
    this.pausedCover = h("div", { class: "cover", hidden: true, role: "alert" });
    this.element = h("div", { class: "exam" },
      h("header", { class: "bar" }, mark(), h("h1", { class: "bar-title", title: info.title }, subjectOf(info)),
        h("span", { class: "who" }, `${info.candidate} · ${info.ticket} · ${t("{n} 号座位", { n: info.seat })}`), this.saveState,
        h("span", { class: "time" }, h("span", { class: "time-label", "aria-hidden": "true" }, t("剩余")), this.timeLeft)),
      this.banner,
      this.content = h("div", { class: "body" },
        h("main", { class: "paper" }, this.holder,
          h("div", { class: "steps" }, this.previous, this.flag, this.next)),
        h("aside", { class: "side" }, this.card, this.counts, this.tools(), this.handInButton)),
      this.pausedCover);
    this.buildCard();
  }

  tools() {
    const pen = h("button", { type: "button", class: "tool", title: t("先选中题干里的文字"), onclick: () => this.highlight() }, t("高亮"));
    pen.addEventListener("mousedown", (event) => event.preventDefault()); // keeps the selection
    const keys = h("button", { type: "button", class: "tool", onclick: showShortcuts }, t("快捷键"));
    const calc = this.app.session.info.rules.calculator ? calculator() : null;
    return h("div", { class: "tools" }, sizeButtons(), pen, keys, calc && calc.button, calc && calc.panel);
  }

  buildCard() {
    this.cells = [];
    const sections = this.app.paper.sections.map((section) => {
      const cells = this.items.filter((item) => section.items.includes(item.id)).map((item) => {
        const cell = h("button", { type: "button", class: "cell numbers", onclick: () => this.go(item.number - 1) }, String(item.number));
        this.cells.push(cell);
        return h("li", {}, cell);
      });
      return h("section", {}, h("h2", {}, section.name), h("ol", { class: "cells" }, cells));
    });
    fill(this.card, sections);
    this.items.forEach((_, i) => this.paintCell(i));
    this.count();
  }

  isAnswered(item) {
    if (item.kind === "task") return item.files.some((name) => this.app.uploads.versions(item.id, name).length);
    return this.app.outbox.value(item.id) !== "";
  }

  isFlagged(item) { return this.app.outbox.value(`flag:${item.id}`) === "1"; }

  paintCell(index) {
    const item = this.items[index];
    const [answered, flagged] = [this.isAnswered(item), this.isFlagged(item)];
    const cell = this.cells[index];
    cell.className = `cell numbers${answered ? " answered" : ""}${flagged ? " flagged" : ""}${index === this.index ? " current" : ""}`;
    const words = [t("第 {n} 题", { n: item.number }), answered ? t("已答") : t("未答")].concat(flagged ? [t("有标记")] : []);
    cell.setAttribute("aria-label", words.join("，"));
    if (index === this.index) cell.setAttribute("aria-current", "true");
    else cell.removeAttribute("aria-current");
  }

  count() {
    const answered = this.items.filter((item) => this.isAnswered(item)).length;
    const flagged = this.items.filter((item) => this.isFlagged(item)).length;
    fill(this.counts, t("已答 {a} / {all}，标记 {f}", { a: answered, all: this.items.length, f: flagged }));
  }

  go(index, focus = true) {
    if (index < 0 || index >= this.items.length) return;
    if (this.view) this.view.flush();
    const before = this.index;
    this.index = index;
    this.app.position = index;
    this.view = itemView(this.app, this.items[index]);
    fill(this.holder, this.view.element);
    this.holder.parentElement.scrollTop = 0;
    this.previous.disabled = index === 0;
    this.next.disabled = index === this.items.length - 1;
    [before, index].forEach((i) => this.paintCell(i));
    this.paintFlag();
    this.drawMarks();
    if (this.locked) this.view.lock();
    if (focus) this.view.element.querySelector("#item-title").focus({ preventScroll: true });
  }

  paintFlag() {
    const flagged = this.isFlagged(this.items[this.index]);
    this.flag.setAttribute("aria-pressed", String(flagged));
    fill(this.flag, flagged ? t("⚑ 取消标记") : t("⚐ 标记本题"));
  }

  toggleFlag() {
    const item = this.items[this.index];
    this.app.outbox.put(`flag:${item.id}`, this.isFlagged(item) ? "" : "1");
    this.answered(item.id);
    this.paintFlag();
  }

  answered(id) {
    this.paintCell(this.items.findIndex((item) => item.id === id));
    this.count();
  }

  uploaded() {
    if (this.view.uploaded) this.view.uploaded();
    this.items.forEach((_, i) => this.paintCell(i));
    this.count();
  }

  drawMarks() { drawMarks(this.view.text, this.marks[this.items[this.index].id] || []); }

  highlight() {
    const span = selectedSpan(this.view.text);
    if (!span) { announce(t("请先选中题干里的文字")); return; }
    const { id } = this.items[this.index];
    this.marks[id] = toggle(this.marks[id] || [], span);
    window.getSelection().removeAllRanges();
    this.drawMarks();
    this.app.store.putSealed("marks", this.marks).catch(() => announce(t("高亮没有存下来，不影响答案")));
  }

  key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]")) return;
    const { target } = event;
    const typing = target.matches("input[type=text], textarea, select");
    const moves = { ArrowLeft: -1, ArrowRight: 1 };
    if (moves[event.key] && !typing) { event.preventDefault(); this.go(this.index + moves[event.key]); return; }
    if (typing || this.locked) return;
    if (/^[1-9]$/.test(event.key)) { event.preventDefault(); this.view.pick(Number(event.key) - 1); }
    const shortcut = { m: () => this.toggleFlag(), h: () => this.highlight(), g: () => this.cells[this.index].focus(), "?": showShortcuts };
    if (shortcut[event.key.toLowerCase()]) { event.preventDefault(); shortcut[event.key.toLowerCase()](); }
  }

  async askHandIn() {
    this.view.flush();
    const { hand_in_from: from } = this.app.session.times;
    const early = Boolean(from) && this.app.clock.now() < from;
    const open = this.items.filter((item) => !this.isAnswered(item));
    const flagged = this.items.filter((item) => this.isFlagged(item));
    const numbers = (list) => h("div", { class: "cells" }, list.map((item) => h("span", { class: "cell numbers" }, String(item.number))));
    const body = h("div", {},
      early && h("p", { class: "notice bad" }, t("{at} 起才可以交卷。", { at: timeOfDay(from, false) })),
      open.length ? h("div", {}, h("p", { class: "notice bad" }, t("还有 {n} 题未作答：", { n: open.length })), numbers(open))
        : h("p", { class: "notice good" }, t("全部题目都已作答。")),
      this.app.uploads.pending.size > 0 && h("p", { class: "notice bad" }, t("有 {n} 个文件还没有传完，交卷后不再收取。", { n: this.app.uploads.pending.size })),
      flagged.length > 0 && h("div", {}, h("p", {}, t("有标记的题：")), numbers(flagged)),
      h("p", {}, t("交卷后不能再修改答案。剩余时间 {left}。", { left: span(this.app.session.remaining) })));
    const yes = await ask(early ? t("现在不能交卷") : t("确认交卷？"), body, [
      { label: t("继续作答"), value: false, focus: true }].concat(early ? [] : [{ label: t("确认交卷"), value: true, kind: "primary" }]));
    if (yes) this.app.handIn(false);
  }

  tick() {
    if (this.app.session.times.phase === "paused") return;
    const left = this.app.session.remaining;
    this.timeLeft.textContent = span(left);
    const minutes = Math.ceil(left / 60000);
    this.timeLeft.className = `time-left numbers${minutes <= 5 ? " urgent" : ""}`;
    [15, 5, 1].forEach((mark_) => {
      if (minutes === mark_ && !this.warned.has(mark_)) { this.warned.add(mark_); announce(t("还剩 {n} 分钟", { n: mark_ })); }
    });
  }

  saved(status) {
    const [kind, words] = savedWords(status);
    if (this.saveState.textContent === words) return;
    this.saveState.className = `save ${kind}`;
    fill(this.saveState, words);
  }

  message(text) {
    this.banner.hidden = false;
    fill(this.banner, h("span", {}, h("strong", {}, t("监考通知：")), text),
      h("button", { type: "button", class: "link", onclick: () => { this.banner.hidden = true; } }, t("知道了")));
  }

  phase(phase) {
    const paused = phase === "paused";
    this.pausedCover.hidden = !paused;
    this.content.hidden = paused; // nobody reads on while the clock stands
    this.locked = paused;
    fill(this.pausedCover, paused && h("div", {}, h("h2", {}, t("考试已暂停")),
      h("p", {}, t("请听监考员安排。暂停期间不计时，答案已经保存。"))));
    if (!paused) this.go(this.index, false);
    else this.view.lock();
  }

  lock() {
    this.view.flush();
    this.view.lock();
    this.locked = true;
  }

  leave() {
    this.view.flush();
    document.removeEventListener("keydown", this.onKey);
  }
}

export const examScreen = (app) => new ExamScreen(app);
