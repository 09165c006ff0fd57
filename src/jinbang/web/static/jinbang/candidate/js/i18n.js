// Interface text: the source is Chinese, `en.js` holds the English. The choice is kept on the machine.

import { ENGLISH } from "./en.js";

const KEPT = "jinbang.language";
let language = localStorage.getItem(KEPT) || (document.documentElement.lang.startsWith("en") ? "en" : "zh");

/** `zh` or `en`. */
export const current = () => language;

/** Changes the language of everything drawn from now on. */
export function choose(next) {
  language = next;
  localStorage.setItem(KEPT, next);
  document.documentElement.lang = next === "en" ? "en" : "zh-Hans";
}

/** `source` in the present language, `{name}` filled in from `values`. */
export function t(source, values = {}) {
  const pattern = language === "en" ? ENGLISH[source] || source : source;
  return pattern.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}
