// The time ledger on the console: what was given, to whom, by whom, and the buttons that approve it or take it back.

import { h } from "../../candidate/js/dom.js";
import { timeOfDay } from "../../candidate/js/clock.js";
import { ENTRY_ACTIONS } from "./actions.js";
import { t } from "./i18n.js";

const scope = (entry) => (entry.seat ? t("{n} 号座位", { n: entry.seat }) : entry.everyone ? t("全体考场") : t("全场"));
const length = (entry) => (entry.seconds % 60 ? t("{n} 秒", { n: entry.seconds }) : t("{n} 分钟", { n: entry.seconds / 60 }));

/** Closing time of whom the entry concerns. */
function closesAt(console_, entry) {
  const seat = entry.seat && console_.bySeat.get(entry.seat);
  return seat && seat.attempt ? seat.closes_at : console_.board.closes_at;
}

/** Opens the form of what is to be done with an entry; the asker of it needs another person to sign. */
export function onEntry(console_, kind, entry) {
  const action = ENTRY_ACTIONS[kind](entry, closesAt(console_, entry), console_.now());
  const named = Object.assign({}, action, { title: `${action.label()} · ${scope(entry)} ${length(entry)}` });
  console_.open(named, null, { entry: entry.entry }, kind === "authorise" && entry.by_key === console_.config.me);
}

/** Buttons of an entry; none for everyone's, which the office gives and takes back. */
export function entryButtons(console_, entry, before = () => {}) {
  if (entry.everyone || entry.gone) return [];
  const kinds = entry.waits ? ["authorise", "decline"] : console_.board.state === "closed" ? [] : ["correct"];
  const names = { authorise: t("批准"), decline: t("撤销申请"), correct: t("收回") };
  return kinds.map((kind) => h("button", {
    type: "button", class: `btn btn-sm ${kind === "authorise" ? "btn-primary" : "btn-outline-secondary"}`,
    onclick: () => { before(); onEntry(console_, kind, entry); },
  }, names[kind]));
}

/** The entry in words, for the list of what waits. */
export const waitingWords = (entry) => t("待批延时：{seat} {n}", { seat: scope(entry), n: length(entry) });

/** A list of entries with their buttons, or nothing. */
export function ledgerLines(console_, entries, before) {
  return entries.length > 0 && h("ul", { class: "seat-log ledger", "aria-label": t("延时记录") }, entries.map((entry) => h("li", { class: entry.gone ? "gone" : "" },
    h("span", {}, timeOfDay(entry.at)), h("strong", {}, `${scope(entry)} +${length(entry)}`),
    h("em", {}, [entry.gone ? t("已收回") : entry.waits ? t("待批") : "", console_.config.cause_names[entry.cause], entry.note, entry.by].filter(Boolean).join(" · ")),
    entryButtons(console_, entry, before))));
}

/** A dialog with every entry of the room, newest first. */
export function ledgerDialog(console_) {
  const close = () => { dialog.close(); dialog.remove(); };
  const dialog = h("dialog", { class: "dialog console-dialog", "aria-labelledby": "ledger-title" }, h("h2", { id: "ledger-title" }, t("延时记录")),
    h("div", { class: "seat-history ledger-all" }, ledgerLines(console_, [...console_.board.ledger].reverse(), close)),
    h("div", { class: "dialog-actions" }, h("button", { type: "button", class: "btn btn-outline-secondary", onclick: close }, t("关闭"))));
  dialog.addEventListener("cancel", (event) => { event.preventDefault(); close(); });
  document.body.append(dialog);
  dialog.showModal();
}
