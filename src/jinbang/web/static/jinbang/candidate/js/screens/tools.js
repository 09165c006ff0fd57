// The candidate's tools: size of the text, calculator, list of shortcuts.

import { evaluate } from "../calculator.js";
import { ask, fill, h } from "../dom.js";
import { t } from "../i18n.js";

const SIZES = [15, 17, 19, 22, 26];
const KEPT = "jinbang.size";

function setSize(index) {
  const bounded = Math.max(0, Math.min(SIZES.length - 1, index));
  localStorage.setItem(KEPT, String(bounded));
  document.documentElement.style.setProperty("--item-size", `${SIZES[bounded]}px`);
  return bounded;
}

/** Two buttons that make the text of the items smaller or larger; the choice stays on the machine. */
export function sizeButtons() {
  let index = setSize(Number(localStorage.getItem(KEPT) || 1));
  const button = (label, name, step) => h("button", {
    type: "button", class: "tool", "aria-label": name, title: name, onclick: () => { index = setSize(index + step); },
  }, label);
  return h("span", { class: "tool-group" }, button("A−", t("缩小字号"), -1), button("A+", t("放大字号"), 1));
}

/** A floating calculator; returns the button that opens it and the panel. */
export function calculator() {
  const output = h("output", { class: "numbers", for: "calculator-input" }, "0");
  const input = h("input", { id: "calculator-input", type: "text", autocomplete: "off", spellcheck: "false", "aria-label": t("算式") });
  const show = () => { const value = evaluate(input.value); fill(output, value === null ? "…" : String(value)); };
  const press = (key) => { input.value = key === "C" ? "" : input.value + key; show(); input.focus(); };
  input.addEventListener("input", show);
  const keys = ["7", "8", "9", "÷", "4", "5", "6", "×", "1", "2", "3", "−", "0", ".", "C", "+", "(", ")", "^", "%"];
  const panel = h("section", { class: "calculator", hidden: true, "aria-label": t("计算器") }, input, output,
    h("div", { class: "keys" }, keys.map((key) => h("button", { type: "button", onclick: () => press(key) }, key))));
  const button = h("button", {
    type: "button", class: "tool", "aria-expanded": "false",
    onclick: () => { panel.hidden = !panel.hidden; button.setAttribute("aria-expanded", String(!panel.hidden)); if (!panel.hidden) input.focus(); },
  }, t("计算器"));
  return { button, panel };
}

/** The keyboard shortcuts, as a dialog. */
export function showShortcuts() {
  const rows = [
    ["← →", t("上一题 / 下一题")], ["1–9", t("选第几个选项；填空题里是光标进入")], ["↑ ↓", t("在单选题的选项之间移动")], ["M", t("标记本题，稍后再看")],
    ["H", t("把选中的文字涂上或擦去高亮")], ["G", t("到答题卡")], ["?", t("显示快捷键")],
  ];
  const table = h("table", { class: "shortcuts" }, h("tbody", {}, rows.map(([key, what]) => h("tr", {}, h("th", { scope: "row" }, h("kbd", {}, key)), h("td", {}, what)))));
  return ask(t("键盘快捷键"), table, [{ label: t("知道了"), value: true, kind: "primary", focus: true }]);
}
