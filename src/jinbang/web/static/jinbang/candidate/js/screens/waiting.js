// The waiting room: who and where, the time until the start, the rules, and what was checked on this machine.

import { span, timeOfDay } from "../clock.js";
import { fill, h } from "../dom.js";
import { t } from "../i18n.js";
import { facts, sheet, subjectOf } from "./parts.js";

const minutes = (seconds) => Math.round(seconds / 60);

function rulesOf(rules) {
  const lines = (rules.notice || []).slice();
  if (rules.early_hand_in === false) lines.push(t("本场考试不能提前交卷。"));
  else if (rules.min_stay_s) lines.push(t("开考 {n} 分钟后才能交卷。", { n: minutes(rules.min_stay_s) }));
  if (rules.copy_paste === "block") lines.push(t("考试中不能复制和粘贴。"));
  if (rules.copy_paste === "log") lines.push(t("复制和粘贴会被记录。"));
  if (rules.focus_loss && rules.focus_loss !== "ignore") lines.push(t("离开考试窗口会被记录并显示在监考台。"));
  lines.push(rules.calculator ? t("可以使用页面内的计算器。") : t("不能使用计算器。"));
  lines.push(t("断网时请继续作答：答案先存在本机，恢复后自动上传。"));
  lines.push(t("时间到自动交卷，不需要任何操作。"));
  return lines;
}

function check(label) {
  const state = h("span", { class: "check-state" }, "…");
  const row = h("li", { class: "check" }, h("span", {}, label), state);
  return { row, set: (good, text) => { row.className = `check ${good ? "good" : "bad"}`; state.textContent = text; } };
}

function checksOf(app) {
  const all = {
    server: check(t("与考试服务器的连接")), store: check(t("本机存储")), screen: check(t("屏幕")), paper: check(t("密封试卷")),
  };
  all.store.set(app.store.lasting, app.store.lasting ? t("可用") : t("不可用：刷新会丢失未保存的改动，请举手"));
  const big = window.innerWidth >= 1000 && window.innerHeight >= 600;
  all.screen.set(big, `${window.innerWidth} × ${window.innerHeight}`);
  app.events.add("equipment", {
    store: app.store.lasting, width: window.innerWidth, height: window.innerHeight, secure: window.isSecureContext,
    agent: navigator.userAgent.slice(0, 200),
  });
  return all;
}

export function waitingScreen(app) {
  const { info, times } = app.session;
  const checks = checksOf(app);
  const left = h("strong", { class: "countdown numbers", role: "timer" });
  const words = h("p", { class: "countdown-words" });
  const notice = h("p", { class: "notice", role: "status", hidden: true });
  const screen = sheet(app, h("h1", {}, `${info.title} ${subjectOf(info)}`),
    facts([[t("姓名"), info.candidate], [t("准考证号"), info.ticket], [t("级别"), info.level], [t("考场"), `${info.site} ${info.room}`],
      [t("座位"), String(info.seat)], [t("考试时间"), `${timeOfDay(info.starts_at, false)}–${timeOfDay(info.closes_at, false)}`]]),
    h("section", { class: "waiting", "aria-label": t("倒计时") }, words, left),
    notice,
    h("div", { class: "columns" },
      h("section", {}, h("h2", {}, t("考试须知")), h("ul", {}, rulesOf(info.rules).map((line) => h("li", {}, line)))),
      h("section", {}, h("h2", {}, t("设备检查")), h("ul", { class: "checks" }, Object.values(checks).map((c) => c.row)))),
    h("p", { class: "row" }, h("button", { type: "button", class: "link", onclick: () => app.signOut() }, t("不是我，重新签到"))));

  const tickClock = screen.tick;
  const tick = () => {
    tickClock();
    const wait = times.starts_at - app.clock.now();
    words.textContent = wait > 0 ? t("距开考还有") : t("正在打开试卷");
    left.textContent = wait > 0 ? span(wait) : "";
  };
  const say = (text) => { notice.hidden = !text; fill(notice, text); };
  const { spread } = app.clock;
  checks.server.set(true, Number.isFinite(spread) ? t("正常（{ms} 毫秒）", { ms: Math.round(spread) }) : t("正常"));
  return Object.assign(screen, {
    tick,
    saved: (status) => checks.server.set(status.state !== "offline", status.state === "offline"
      ? t("中断，正在重连") : t("正常")),
    paperReady: () => checks.paper.set(true, t("已就位（{code}）", { code: info.paper.sha256.slice(0, 8).toUpperCase() })),
    paperFailed: (failure) => checks.paper.set(false, failure.message),
    message: (text) => say(text),
    startFailed: (failure) => say(failure.message),
  });
}
