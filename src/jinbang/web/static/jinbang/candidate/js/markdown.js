// The little Markdown that task statements use, built as elements; nothing in it can become active content.

import { h } from "./dom.js";

function inline(source) {
  return source.split(/(`[^`]+`|\*\*[^*]+\*\*)/).map((part) => {
    if (part.startsWith("`") && part.length > 2) return h("code", {}, part.slice(1, -1));
    if (part.startsWith("**") && part.length > 4) return h("strong", {}, part.slice(2, -2));
    return part;
  });
}

const cells = (line) => line.trim().replace(/^\||\|$/g, "").split("|").map((cell) => cell.trim());

function table(lines) {
  const [head, , ...rows] = lines.map(cells);
  return h("table", {},
    h("thead", {}, h("tr", {}, head.map((cell) => h("th", { scope: "col" }, inline(cell))))),
    h("tbody", {}, rows.map((row) => h("tr", {}, row.map((cell) => h("td", {}, inline(cell)))))));
}

const BULLET = /^\s*[-*]\s+/;
const NUMBER = /^\s*\d+[.)、]\s+/;

function take(lines, test) {
  const taken = [];
  while (lines.length && test(lines[0])) taken.push(lines.shift());
  return taken;
}

function list(tag, lines, mark) {
  return h(tag, {}, take(lines, (line) => mark.test(line)).map((line) => h("li", {}, inline(line.replace(mark, "")))));
}

function block(lines) {
  const line = lines[0];
  if (line.startsWith("```")) {
    lines.shift();
    const code = take(lines, (each) => !each.startsWith("```"));
    lines.shift();
    return h("pre", { tabindex: "0" }, h("code", {}, code.join("\n")));
  }
  const heading = /^(#{1,4})\s+(.*)/.exec(line);
  if (heading) { lines.shift(); return h(`h${Math.min(6, heading[1].length + 2)}`, {}, inline(heading[2])); }
  if (BULLET.test(line)) return list("ul", lines, BULLET);
  if (NUMBER.test(line)) return list("ol", lines, NUMBER);
  if (line.includes("|") && /^[\s|:-]+$/.test(lines[1] || "")) return table(take(lines, (each) => each.includes("|")));
  const first = lines.shift();
  const more = take(lines, (each) => each.trim() && !/^(#|```)/.test(each) && !BULLET.test(each) && !NUMBER.test(each));
  return h("p", {}, inline([first, ...more].join("\n")));
}

/** Elements for the Markdown in `source`: headings, lists, tables, code, strong text. */
export function markdown(source) {
  const lines = source.replace(/\r\n?/g, "\n").split("\n");
  const blocks = [];
  while (lines.length) {
    if (lines[0].trim()) blocks.push(block(lines));
    else lines.shift();
  }
  return blocks;
}
