// Screens that only say why the exam is not here.

import { h } from "../dom.js";
import { t } from "../i18n.js";
import { sheet } from "./parts.js";

const button = (label, onclick) => h("button", { type: "button", class: "button primary", onclick }, label);

/** The exam is open in another tab of this browser. */
export function blockedScreen(app) {
  return sheet(app, h("h1", {}, t("考试已在另一个标签页中打开")),
    h("p", {}, t("同一时间只能在一个标签页里作答。请回到那个标签页；如果找不到它，可以在这里继续，答案不会丢失。")),
    h("p", { class: "row" }, button(t("在这里继续"), () => app.takeOver())));
}

/** The server ended this session. */
export function endedScreen(app, refused) {
  return sheet(app, h("h1", {}, t("本机的考试会话已结束")), h("p", {}, refused.message),
    h("p", {}, t("已保存的答案都在服务器上。如需在这台机器上继续，请重新签到；有疑问请举手。")),
    h("p", { class: "row" }, button(t("重新签到"), () => app.showSignIn())));
}

/** The paper cannot be opened: a fault of ours, said plainly. */
export function failureScreen(app, failure) {
  return sheet(app, h("h1", {}, t("试卷无法打开")),
    h("p", {}, t("请举手告知监考员，并出示以下内容。耽误的时间可以补足。")),
    h("pre", { tabindex: "0" }, String(failure.message)),
    h("p", { class: "row" }, button(t("再试一次"), () => window.location.reload())));
}
