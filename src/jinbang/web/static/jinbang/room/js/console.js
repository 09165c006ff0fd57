// The console of a room: seat map, trouble first, everything an invigilator may do. Live by server-sent events;
// if the stream breaks, the board is asked for every two seconds until it is back.

import { announce, ask, fill, h } from "../../candidate/js/dom.js";
import { span, timeOfDay } from "../../candidate/js/clock.js";
import { actionForm } from "./forms.js";
import { entryButtons, ledgerDialog, waitingWords } from "./ledger.js";
import { ROOM_ACTIONS, SEAT_ACTIONS } from "./actions.js";
import { seatDialog } from "./seat.js";
import { t } from "./i18n.js";
import { REASONS, STATES, TROUBLE } from "./words.js";

const config = JSON.parse(document.getElementById("config").textContent);

class Console {
  constructor(root) {
    this.config = config;
    this.offset = 0;
    this.connected = true;
    this.acted = new Set();
    this.checkedHere = new Set();
    this.grid = h("section", { class: "seat-grid", "aria-label": t("座位图") });
    this.grid.style.gridTemplateColumns = `repeat(${config.columns}, minmax(0, 1fr))`;
    this.grid.style.setProperty("--rows", String(config.rows));
    this.summary = h("div", { class: "summary" });
    this.side = h("aside", { class: "console-side", "aria-label": t("需要处理") });
    this.buttons = h("div", { class: "console-actions", role: "toolbar", "aria-label": t("考场操作") });
    this.clock = document.getElementById("clock");
    this.result = h("p", { class: "console-result", role: "status", hidden: true });
    fill(root, this.summary, this.buttons, this.result,
      h("div", { class: "console-body" }, h("div", { class: "hall" }, h("p", { class: "front" }, t("讲台")), this.grid), this.side));
    this.tiles = new Map();
    this.take(JSON.parse(JSON.parse(document.getElementById("first-board").textContent)));
    this.listen();
    setInterval(() => this.tick(), 500);
  }

  now() { return performance.now() + this.offset; }

  can(name) { return config.may.includes(name); }

  /** What the person may do, and what another person may do here by signing on the spot. */
  offers(name) { return this.can(name) || this.can("identity"); }

  look(action) {
    const kind = action.grave ? "btn-outline-danger" : action.primary ? "btn-primary" : "btn-outline-secondary";
    return `btn btn-sm ${kind}${this.can(action.name) ? "" : " by-other"}`;
  }

  listen() {
    const stream = new EventSource(config.live);
    stream.onmessage = ({ data }) => { this.connected = true; this.take(JSON.parse(data)); };
    stream.onerror = () => {
      this.connected = false;
      if (stream.readyState === EventSource.CLOSED) { setTimeout(() => this.listen(), 3000); }
    };
    setInterval(() => { if (!this.connected) this.refresh(); }, 2000);
  }

  async refresh() {
    try {
      const response = await fetch(config.board, { cache: "no-store" });
      if (response.redirected || response.status === 404) { window.location.reload(); return; }
      if (response.ok) this.take(await response.json());
    } catch (unreachable) {
      this.tick(); // the clock line says that the board is old
    }
  }

  take(board) {
    this.offset = board.now - performance.now();
    this.heard = performance.now();
    this.board = board;
    this.bySeat = new Map(board.seats.map((seat) => [seat.number, seat]));
    this.drawSummary();
    this.drawButtons();
    board.seats.forEach((seat) => this.drawSeat(seat));
    this.drawSide();
    this.tick();
  }

  tick() {
    const { board } = this;
    const age = (performance.now() - this.heard) / 1000;
    const before = board.phase === "before" || board.phase === "sign_in";
    const left = (before ? board.starts_at : board.closes_at) - this.now();
    const words = board.paused ? t("已暂停") : before ? t("距开考") : t("剩余");
    fill(this.clock, h("span", {}, timeOfDay(this.now())), h("span", {}, words, " ", h("strong", {}, span(left))),
      age > 4 && h("span", { class: "stale", role: "alert" }, t("画面已 {s} 秒未更新，正在重连", { s: Math.round(age) })));
  }

  drawSummary() {
    const { counts } = this.board;
    const figures = [["candidates", t("应到")], ["expected", t("未签到")], ["signed_in", t("待考")], ["running", t("作答中")],
      ["handed_in", t("已交卷")], ["absent", t("缺考")], ["trouble", t("需处理")]];
    fill(this.summary, figures.map(([key, label]) => h("span", { class: `tally tally-${key}${counts[key] ? " some" : ""}` },
      h("strong", {}, String(counts[key] || 0)), " ", label)),
    this.board.message && h("span", { class: "message-now" }, t("通知："), this.board.message));
  }

  drawButtons() {
    const shown = ROOM_ACTIONS.filter((action) => this.offers(action.name) && action.when(this.board));
    const { ledger } = this.board;
    const check = this.checkButton();
    const key = shown.map((action) => action.name + action.label()).join() + ledger.length + (check ? check.textContent + this.checking : "");
    if (key === this.buttonsKey) return;
    this.buttonsKey = key;
    const button = (action) => h("button", {
      type: "button", class: this.look(action), title: this.can(action.name) ? null : t("须由主考等人当场签名"), onclick: () => this.open(action, null),
    }, action.label());
    fill(this.buttons, shown.filter((action) => !action.grave).map(button), check,
      ledger.length > 0 && h("button", { type: "button", class: "btn btn-sm btn-outline-secondary", onclick: () => ledgerDialog(this) }, t("延时记录"), ` ${ledger.length}`),
      h("a", { class: "btn btn-sm btn-outline-secondary", href: config.minutes }, t("考场记录")),
      h("span", { class: "grave-actions" }, shown.filter((action) => action.grave).map(button)));
  }

  drawSeat(seat) {
    const old = this.tiles.get(seat.number);
    if (seat.id_checked) this.checkedHere.delete(seat.attempt);
    const lines = [h("span", { class: "tile-top" }, h("strong", {}, String(seat.number)), h("span", { class: "tile-state" }, this.stateOf(seat)))];
    if (seat.attempt) {
      lines.push(h("span", { class: "tile-name" }, seat.name),
        h("span", { class: "tile-note" }, seat.reasons.length ? REASONS()[seat.reasons[0]] : this.lastSave(seat)));
    }
    const label = seat.attempt
      ? `${seat.number} ${seat.name}，${STATES()[seat.state]}，${seat.reasons.map((reason) => REASONS()[reason]).join("，")}` : `${seat.number} ${this.stateOf(seat)}`;
    const signature = JSON.stringify([label, lines.map((line) => line.textContent), seat.trouble, this.unchecked(seat)]);
    if (old && old.signature === signature) return;
    const tile = old ? old.tile : h("button", { type: "button", onclick: () => this.press(seat.number) });
    tile.className = `tile state-${seat.state} trouble-${seat.trouble}${seat.paused ? " paused" : ""}${this.unchecked(seat) ? " unchecked" : ""}`;
    tile.disabled = !seat.attempt;
    tile.setAttribute("aria-label", label);
    fill(tile, lines);
    if (!old) {
      tile.style.gridRow = String(seat.row);
      tile.style.gridColumn = String(seat.column);
      this.grid.append(tile);
    }
    this.tiles.set(seat.number, { tile, signature });
  }

  /** A tile was clicked: its dialog, or, while identities are checked one after another, the check. */
  press(number) {
    const seat = this.bySeat.get(number);
    if (!seat.attempt) return;
    if (this.checking && this.unchecked(seat)) this.checkIdentity(seat);
    else seatDialog(this, number);
  }

  /** Counts as checked at once, before the board says so: a second click opens the seat and does not check again. */
  async checkIdentity(seat) {
    this.checkedHere.add(seat.attempt);
    this.drawSeat(seat);
    if (await this.post("identity", seat, {})) return;
    this.checkedHere.delete(seat.attempt);
    this.drawSeat(seat);
  }

  unchecked(seat) { return !seat.id_checked && !this.checkedHere.has(seat.attempt) && (seat.state === "signed_in" || seat.state === "running"); }

  /** Switches checking by single clicks on or off. */
  check(on) {
    this.checking = on;
    this.grid.classList.toggle("checking", on);
    this.buttonsKey = "";
    this.drawButtons();
    if (on) this.say(t("点一个座位就记为身份已核验；再点“逐个核验”结束。"));
  }

  checkButton() {
    const left = this.board.seats.filter((seat) => this.unchecked(seat)).length;
    if (this.checking && left === 0) this.checking = false;
    this.grid.classList.toggle("checking", Boolean(this.checking));
    if (!this.can("identity") || this.board.state !== "open" || left === 0) return null;
    return h("button", { type: "button", class: `btn btn-sm ${this.checking ? "btn-primary" : "btn-outline-secondary"}`, "aria-pressed": String(Boolean(this.checking)),
      onclick: () => this.check(!this.checking) }, t("逐个核验"), ` ${left}`);
  }

  stateOf(seat) {
    if (seat.attempt) return STATES()[seat.state];
    if (!seat.usable) return t("不用");
    return seat.spare ? t("备用") : t("空");
  }

  lastSave(seat) {
    if (seat.state === "handed_in") return seat.code;
    if (seat.state !== "running") return "";
    if (seat.saved_s === null) return t("未作答");
    return seat.saved_s < 60 ? t("刚保存") : t("{n} 分前保存", { n: Math.floor(seat.saved_s / 60) });
  }

  drawSide() {
    const { board } = this;
    const worst = board.worst.map((number) => this.bySeat.get(number)).filter((seat) => seat.trouble >= 2);
    const parts = [h("h2", {}, t("需要处理"))];
    if (board.suggested.room) parts.push(this.suggestion(null, board.suggested.room));
    board.ledger.filter((entry) => entry.waits).forEach((entry) => parts.push(this.waitingEntry(entry)));
    parts.push(worst.length ? h("ul", { class: "worst" }, worst.map((seat) => h("li", {},
      h("button", { type: "button", class: `worst-line trouble-${seat.trouble}`, onclick: () => seatDialog(this, seat.number) },
        h("strong", {}, `${seat.number} ${seat.name}`), h("span", { class: "visually-hidden" }, TROUBLE()[seat.trouble]),
        h("span", {}, seat.reasons.map((reason) => REASONS()[reason]).join("、"))))))
      : h("p", { class: "muted" }, t("没有需要处理的座位。")));
    const key = parts.map((part) => part.textContent).join();
    if (key === this.sideKey) return;
    this.sideKey = key;
    fill(this.side, parts);
  }

  waitingEntry(entry) {
    const buttons = this.offers("authorise") ? entryButtons(this, entry) : [];
    return h("section", { class: "ask" }, h("p", {}, h("strong", {}, waitingWords(entry)), " ", t("申请人 {by}", { by: entry.by }), entry.note && ` · ${entry.note}`),
      buttons.length > 0 && h("div", { class: "ask-buttons" }, buttons));
  }

  suggestion(seat, one) {
    const minutes = Math.ceil(one.seconds / 60);
    const words = one.remedy === "reschedule" ? t("中断太久，按规定应停考改期") : t("按实测失联时间，建议全场补 {n} 分钟", { n: minutes });
    return h("section", { class: "ask" }, h("p", {}, words), one.remedy !== "reschedule" && this.can("time") && h("button", {
      type: "button", class: "btn btn-sm btn-primary",
      onclick: () => this.open(ROOM_ACTIONS.find((action) => action.name === "time"), seat, { minutes, cause: "network" }),
    }, t("去补时")));
  }

  /** Shows the form of an action, does it, and says what came of it. */
  async open(action, seat, values = {}, sign = false) {
    await actionForm(this, action, seat, values, (fields) => this.send(action.name, seat, fields), sign);
  }

  async post(name, seat, fields) {
    try {
      await this.send(name, seat, fields);
      return true;
    } catch (refused) {
      ask(t("没有做成"), refused.message, [{ label: t("知道了"), value: true, kind: "btn btn-primary", focus: true }]);
      return false;
    }
  }

  /** Posts an action; throws an error whose `message` is for people and whose `field` may name an input. */
  async send(name, seat, fields) {
    const body = new FormData();
    Object.keys(fields).forEach((key) => body.append(key, fields[key]));
    if (seat) body.append("attempt", seat.attempt);
    const token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
    let response;
    try {
      response = await fetch(config.act.replace("NAME", name), { method: "POST", body, headers: { "X-CSRFToken": token } });
    } catch (unreachable) {
      throw new Error(t("连不上服务器，没有做成，请再试一次"));
    }
    const answer = await response.json().catch(() => ({ error: t("服务器出错，没有做成；再试仍不行请联系技术支持") }));
    if (!response.ok || answer.error) throw Object.assign(new Error(answer.error), { field: answer.field, code: answer.code });
    this.say(answer.message);
    await this.refresh();
  }

  say(message) {
    this.result.hidden = false;
    fill(this.result, message);
    announce(message);
    clearTimeout(this.sayTimer);
    this.sayTimer = setTimeout(() => { this.result.hidden = true; }, 6000);
  }

  seatActions(seat) { return SEAT_ACTIONS.filter((action) => this.offers(action.name) && action.when(seat, this.board)); }
}

new Console(document.getElementById("console"));
