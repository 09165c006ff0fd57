// A seat's dialog: who sits there, what is wrong, what happened, what can be done.

import { fill, h } from "../../candidate/js/dom.js";
import { timeOfDay } from "../../candidate/js/clock.js";
import { t } from "./i18n.js";
import { ledgerLines } from "./ledger.js";
import { EVENTS, REASONS, STATES } from "./words.js";

const ago = (seconds) => (seconds === null ? "—" : seconds < 60 ? t("{n} 秒前", { n: seconds }) : t("{n} 分前", { n: Math.floor(seconds / 60) }));

function facts(seat) {
  const rows = [[t("准考证号"), seat.ticket], [t("状态"), STATES()[seat.state]], [t("最近信号"), ago(seat.seen_s)], [t("最近保存"), ago(seat.saved_s)],
    [t("未上传"), String(seat.unsynced)], [t("截止"), timeOfDay(seat.closes_at)], [t("已延时"), t("{n} 分钟", { n: Math.round(seat.extra_s / 60) })],
    [t("离开页面"), String(seat.events.focus_lost || 0)], [t("身份"), seat.id_checked ? t("已核验") : t("未核验")]];
  if (seat.code) rows.push([t("核对码"), seat.code]);
  return h("dl", { class: "facts seat-facts" }, rows.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
}

function detail(event) {
  if (event.kind === "move_seat") return `${event.data.from} → ${event.data.to} ${event.data.reason}`;
  if (event.kind === "focus_back") return t("离开 {n} 秒", { n: Math.round((event.data.ms || 0) / 1000) });
  return event.data.reason || "";
}

async function history(console_, seat, box) {
  const response = await fetch(console_.config.seat.replace("/0/", `/${seat.attempt}/`), { cache: "no-store" });
  if (!response.ok) return;
  const about = await response.json();
  const names = EVENTS();
  fill(box, h("p", { class: "muted" }, [about.school, about.class_name, about.level, about.id_mask, about.special_needs].filter(Boolean).join(" · ")),
    about.incidents.length > 0 && h("ul", { class: "seat-log" }, about.incidents.map((one) => h("li", {}, h("span", {}, timeOfDay(one.at)), h("strong", {}, one.code), one.note))),
    h("ul", { class: "seat-log" }, about.events.map((one) => h("li", {}, h("span", {}, timeOfDay(one.at)), h("strong", {}, names[one.kind] || one.kind), detail(one)))));
}

/** Opens the dialog of the seat with this number. */
export function seatDialog(console_, number) {
  const seat = console_.bySeat.get(number);
  const log = h("div", { class: "seat-history" });
  const close = () => { dialog.close(); dialog.remove(); };
  const suggested = console_.board.suggested.seats[seat.attempt];
  const buttons = console_.seatActions(seat).map((action) => h("button", {
    type: "button", class: console_.look(action), title: console_.can(action.name) ? null : t("须由主考等人当场签名"),
    onclick: () => {
      close();
      if (action.direct) console_.post(action.name, seat, {});
      else console_.open(action, seat, action.name === "time" && suggested ? { minutes: Math.ceil(suggested.seconds / 60), cause: "network" } : {});
    },
  }, action.label()));
  const dialog = h("dialog", { class: "dialog console-dialog seat-dialog", "aria-labelledby": "seat-title" },
    h("h2", { id: "seat-title" }, `${t("{n} 号", { n: seat.number })} ${seat.name}`),
    seat.reasons.length > 0 && h("p", { class: `message ${seat.trouble >= 3 ? "tone-danger" : "tone-warning"}` }, seat.reasons.map((reason) => REASONS()[reason]).join("、")),
    suggested && h("p", { class: "message tone-warning" }, suggested.remedy === "reschedule" ? t("中断太久，按规定应停考改期")
      : t("按实测失联时间，建议补 {n} 分钟", { n: Math.ceil(suggested.seconds / 60) })),
    facts(seat), h("div", { class: "seat-buttons" }, buttons), ledgerLines(console_, console_.board.ledger.filter((entry) => entry.attempt === seat.attempt), close), log,
    h("div", { class: "dialog-actions" }, h("button", { type: "button", class: "btn btn-outline-secondary", onclick: close }, t("关闭"))));
  dialog.addEventListener("cancel", (event) => { event.preventDefault(); close(); });
  document.body.append(dialog);
  dialog.showModal();
  history(console_, seat, log);
}
