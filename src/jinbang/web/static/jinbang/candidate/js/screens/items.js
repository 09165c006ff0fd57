// One item at a time: stem, code, and the means to answer it.

import { fill, h } from "../dom.js";
import { joinKeys } from "../answers.js";
import { t } from "../i18n.js";
import { Session } from "../session.js";
import { taskView } from "./task.js";

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const IDLE_MS = 300;

const prose = (source) => source.split(/(`[^`\n]+`)/).map((part) => (
  part.length > 2 && part.startsWith("`") && part.endsWith("`") ? h("code", {}, part.slice(1, -1)) : part));

function option(item, one, index, kind, chosen, onchange) {
  const id = `option-${index}`;
  const input = h("input", { type: kind, name: `answer-${item.id}`, id, value: one.key, checked: chosen, onchange });
  return h("li", { class: "option" }, input,
    h("label", { for: id }, h("span", { class: "letter", "aria-hidden": "true" }, LETTERS[index]),
      h("span", { class: "visually-hidden" }, t("选项 {x}：", { x: LETTERS[index] })), h("span", { class: "option-text" }, prose(one.text))));
}

function choice(app, item, kind) {
  const list = h("ol", { class: "options", "data-answer": "1" });
  const chosen = app.outbox.value(item.id).split(",");
  const save = () => {
    const keys = Array.from(list.querySelectorAll("input:checked"), (input) => input.value);
    app.outbox.put(item.id, joinKeys(keys));
    app.tell("answered", item.id);
  };
  fill(list, item.options.map((one, i) => option(item, one, i, kind, chosen.includes(one.key), save)));
  const clear = () => {
    list.querySelectorAll("input").forEach((input) => { input.checked = false; });
    save();
  };
  return {
    element: h("fieldset", { class: "answer" }, h("legend", { class: "visually-hidden" }, t("作答")), list,
      h("p", { class: "answer-tools" }, h("button", { type: "button", class: "link", onclick: clear }, t("清除本题作答")))),
    pick: (index) => { const input = list.querySelectorAll("input")[index]; if (input) input.click(); },
    lock: () => list.querySelectorAll("input").forEach((input) => { input.disabled = true; }),
  };
}

/** A text becomes a step shortly after typing began, and on leaving the field; until then it is kept as a draft. */
function fillIn(app, item) {
  let timer = null;
  const flush = () => {
    if (timer === null) return;
    clearTimeout(timer);
    timer = null;
    const { value } = input;
    app.outbox.put(item.id, value).then(() => Session.dropDraft(value));
    app.tell("answered", item.id);
  };
  const typed = () => {
    Session.keepDraft({ item: item.id, value: input.value, at: app.clock.now() });
    if (timer === null) timer = setTimeout(flush, IDLE_MS);
  };
  const input = h("input", {
    type: "text", id: "fill", class: "fill", maxlength: "2000", autocomplete: "off", autocapitalize: "off", spellcheck: "false",
    value: app.outbox.value(item.id), oninput: typed, onchange: flush, onblur: flush,
  });
  return {
    element: h("p", { class: "answer field", "data-answer": "1" }, h("label", { for: "fill" }, t("填写答案")), input),
    pick: () => input.focus(), lock: () => { flush(); input.disabled = true; }, flush,
  };
}

const KINDS = () => ({ single: t("单选题"), multiple: t("多选题"), true_false: t("判断题"), fill: t("填空题"), task: t("实操题") });

function answerFor(app, item) {
  if (item.kind === "task") return taskView(app, item);
  if (item.kind === "fill") return fillIn(app, item);
  return choice(app, item, item.kind === "multiple" ? "checkbox" : "radio");
}

/** `{element, text, pick, lock, flush}` for the item; `text` is the part that may be highlighted. */
export function itemView(app, item) {
  const text = h("div", { class: "stem" },
    item.stem && h("div", { class: "stem-text" }, prose(item.stem)),
    item.code && h("pre", { class: "code", tabindex: "0", "aria-label": t("程序代码") }, h("code", {}, item.code)));
  const answer = answerFor(app, item);
  const element = h("article", { class: `item item-${item.kind}`, "aria-labelledby": "item-title" },
    h("h2", { id: "item-title", tabindex: "-1" }, h("span", { class: "number numbers" }, t("第 {n} 题", { n: item.number })),
      h("span", { class: "kind" }, `${KINDS()[item.kind]} · ${t("{n} 分", { n: Number(item.points) })}`),
      item.kind === "multiple" && h("span", { class: "kind hint" }, t("选出所有正确的选项"))),
    text, answer.element);
  return Object.assign({ flush: () => {} }, answer, { element, text });
}
