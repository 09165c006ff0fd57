// What the answers are, given the steps; and their canonical form, which the receipt's hash is taken of.

import { hex, sha256, utf8 } from "./crypto/index.js";

/** Lays `steps` ([seq, item, value, …]) over `answers` (item → {seq, value}); the highest seq wins. */
export function lay(answers, steps) {
  steps.forEach(([seq, item, value]) => {
    const known = answers.get(item);
    if (!known || known.seq <= seq) answers.set(item, { seq, value });
  });
  return answers;
}

const byCodePoint = (a, b) => {
  const [x, y] = [Array.from(a), Array.from(b)];
  for (let i = 0; i < Math.min(x.length, y.length); i += 1) {
    if (x[i] !== y[i]) return x[i].codePointAt(0) - y[i].codePointAt(0);
  }
  return x.length - y.length;
};

/** Keys of a multiple choice in the order that the protocol wants. */
export const joinKeys = (keys) => keys.slice().sort(byCodePoint).join(",");

/** `{count, sha256}` of item → value pairs; flags and empty values do not count. */
export async function digest(pairs) {
  const rows = pairs.filter(([item, value]) => value !== "" && !item.startsWith("flag:"));
  rows.sort(([a], [b]) => byCodePoint(a, b));
  const text = rows.map(([item, value]) => `${item}:${utf8(value).length}:${value}\n`).join("");
  return { count: rows.length, sha256: hex(await sha256(utf8(text))) };
}
