// Pieces that several screens share.

import { timeOfDay } from "../clock.js";
import { h } from "../dom.js";
import { current, t } from "../i18n.js";

/** The product's mark: a seal. */
export const mark = () => h("span", { class: "mark", "aria-hidden": "true" }, "榜");

/** What is sat: "初级 · 理论". */
export const subjectOf = (info) => `${info.level} · ${{ theory: t("理论"), practical: t("实操") }[info.subject]}`;

/** 中文 / English. */
export function languageSwitch(app) {
  const other = current() === "en" ? ["zh", "中文"] : ["en", "English"];
  return h("button", { type: "button", class: "link", lang: other[0], onclick: () => app.setLanguage(other[0]) }, other[1]);
}

/** A page with one sheet of paper in its middle. */
export function sheet(app, ...children) {
  const clock = h("time", { class: "numbers" });
  const element = h("div", { class: "desk" },
    h("header", { class: "desk-bar" }, mark(), h("span", { class: "desk-title" }, app.config.title),
      h("span", { class: "desk-right" }, t("服务器时间"), " ", clock, languageSwitch(app))),
    h("main", { class: "sheet" }, children));
  return { element, tick: () => { clock.textContent = app.clock.known ? timeOfDay(app.clock.now()) : "--:--:--"; } };
}

/** Name and value pairs. */
export function facts(rows, className = "facts") {
  return h("dl", { class: className }, rows.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
}

/** The words for the state of the answers: `[class, text]`. */
export function savedWords(status) {
  if (status.storeFailed) return ["bad", t("本机存储写入失败，请举手告知监考员")];
  if (status.state === "offline") {
    const since = { at: timeOfDay(status.since), n: status.count };
    return ["bad", status.count ? t("网络中断（自 {at} 起），{n} 处改动已存在本机，请继续作答", since) : t("网络中断（自 {at} 起），请继续作答", since)];
  }
  if (status.state === "waiting") return ["wait", t("正在保存（{n}）", { n: status.count })];
  if (status.late) return ["bad", t("{n} 处改动在作答时间之外，未被收下", { n: status.late })];
  return ["good", status.at === null ? t("已连接") : t("已保存 {at}", { at: timeOfDay(status.at) })];
}
