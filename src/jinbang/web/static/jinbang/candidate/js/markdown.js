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

const BULLET = /^\s{0,3}[-*]\s+/;
const NUMBER = /^\s{0,3}(\d+)[.)、]\s+/;
const FENCE = /^\s{0,3}```/;

function take(lines, test) {
  const taken = [];
  while (lines.length && test(lines[0])) taken.push(lines.shift());
  return taken;
}

/** The lines of one list item: the first without its mark, then whatever is indented below it, code and blanks included. */
function itemLines(lines, mark) {
  const first = lines.shift();
  const width = mark.exec(first)[0].length;
  const below = take(lines, (line) => /^\s{2,}\S/.test(line) || !line.trim());
  while (below.length && !below[below.length - 1].trim()) lines.unshift(below.pop());
  const indent = Math.min(width, ...below.filter((line) => line.trim()).map((line) => line.search(/\S/)));
  return [first.slice(width), ...below.map((line) => line.slice(indent))];
}

function list(lines, mark) {
  const number = NUMBER.exec(lines[0]);
  const items = [];
  while (lines.length && mark.test(lines[0])) {
    const content = blocks(itemLines(lines, mark));
    items.push(h("li", {}, content.length === 1 && content[0].tagName === "P" ? Array.from(content[0].childNodes) : content));
    take(lines, (line, next = lines.find((each) => each.trim())) => !line.trim() && next !== undefined && mark.test(next));
  }
  return number ? h("ol", { start: number[1] }, items) : h("ul", {}, items);
}

function code(lines) {
  lines.shift();
  const inside = take(lines, (each) => !FENCE.test(each));
  lines.shift();
  return h("pre", { tabindex: "0" }, h("code", {}, inside.join("\n")));
}

function block(lines) {
  const line = lines[0];
  if (FENCE.test(line)) return code(lines);
  const heading = /^(#{1,4})\s+(.*)/.exec(line);
  if (heading) { lines.shift(); return h(`h${Math.min(6, heading[1].length + 2)}`, {}, inline(heading[2])); }
  if (BULLET.test(line)) return list(lines, BULLET);
  if (NUMBER.test(line)) return list(lines, NUMBER);
  if (line.includes("|") && /^[\s|:-]+$/.test(lines[1] || "")) return table(take(lines, (each) => each.includes("|")));
  const first = lines.shift();
  const more = take(lines, (each) => each.trim() && !/^#/.test(each) && !FENCE.test(each) && !BULLET.test(each) && !NUMBER.test(each));
  return h("p", {}, inline([first, ...more].map((each) => each.trim()).join("\n")));
}

function blocks(lines) {
  const found = [];
  while (lines.length) {
    if (lines[0].trim()) found.push(block(lines));
    else lines.shift();
  }
  return found;
}

/** Elements for the Markdown in `source`: headings, nested lists, tables, code, strong text. */
export function markdown(source) {
  return blocks(source.replace(/\r\n?/g, "\n").split("\n"));
}
