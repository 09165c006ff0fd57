// Handing in, and the receipt. Without a network: go back, wait, or write the rescue file.

import { timeOfDay } from "../clock.js";
import { fill, h } from "../dom.js";
import { t } from "../i18n.js";
import { facts, sheet, subjectOf } from "./parts.js";

const HOW = () => ({ candidate: t("考生交卷"), auto: t("到时自动交卷"), forced: t("监考员收卷") });

function receiptView(app, receipt) {
  const { info } = app.session;
  const late = app.outbox.unacknowledged().length;
  const unsent = app.uploads.pending.size;
  return [
    h("h1", {}, t("已交卷")),
    h("p", { class: "lead" }, t("服务器已收到并保存您的全部答案。监考台和考场记录上的核对码与下面一致。")),
    h("p", { class: "receipt-code numbers" }, receipt.code),
    facts([[t("姓名"), info.candidate], [t("准考证号"), info.ticket], [t("科目"), subjectOf(info)], [t("收到答案"), t("{n} 项", { n: receipt.count })],
      [t("交卷时间"), timeOfDay(receipt.handed_in_at)], [t("交卷方式"), HOW()[receipt.how] || receipt.how]]),
    h("p", { class: "hash" }, "SHA-256 ", h("code", {}, receipt.sha256)),
    late + unsent > 0 && rescueView(app, unsent
      ? t("本机还有 {n} 处改动、{m} 个文件没有被服务器收下。请导出救援文件并交给监考员，由考务人员判定。", { n: late, m: unsent })
      : t("本机还有 {n} 处改动没有被服务器收下。请导出救援文件并交给监考员，由考务人员判定。", { n: late })),
    h("p", { class: "row" }, h("button", { type: "button", class: "button", onclick: () => app.signOut() }, t("完成，退出"))),
  ];
}

function rescueView(app, words) {
  const done = h("p", { class: "notice good", role: "status", hidden: true });
  const make = async () => {
    button.disabled = true;
    const { steps, files, left } = await app.rescue();
    button.disabled = false;
    done.hidden = false;
    fill(done, t("救援文件已下载（{n} 步、{m} 个文件，已加密）。请举手，由监考员用 U 盘取走；请不要关闭本页。", { n: steps, m: files }),
      left.length > 0 && t("太大而没有放进去的文件：{names}。请另行交给监考员。", { names: left.join("、") }));
  };
  const button = h("button", { type: "button", class: "button primary", onclick: make }, t("导出救援文件"));
  return h("section", { class: "rescue" }, h("p", {}, words), h("p", { class: "row" }, button), done);
}

export function finishScreen(app) {
  const body = h("div", {});
  const state = h("p", { class: "notice", role: "status" }, t("正在提交答案，请稍候…"));
  const options = h("div", {});
  const screen = sheet(app, body);

  const receipt = (value) => fill(body, receiptView(app, value));
  function handInWaits(failure) {
    const offline = !failure.code;
    fill(state, offline ? t("网络中断，尚未交卷。会一直自动重试；也可以导出救援文件，由监考员带走。") : failure.message);
    state.className = "notice bad";
    if (options.firstChild) return;
    fill(options,
      offline && app.session.remaining > 1000
        && h("p", { class: "row" }, h("button", { type: "button", class: "button", onclick: () => app.backToExam() }, t("返回继续作答"))),
      rescueView(app, t("救援文件只有发证机构能打开，里面是本机上尚未被服务器收下的答案。")));
  }

  if (app.session.receipt) receipt(app.session.receipt);
  else fill(body, h("h1", {}, t("交卷")), state, options);
  const uploaded = () => { if (app.session && app.session.receipt) receipt(app.session.receipt); };
  return Object.assign(screen, { isFinish: true, receipt, handInWaits, uploaded });
}
