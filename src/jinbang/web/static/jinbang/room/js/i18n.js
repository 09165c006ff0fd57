// The console's words follow the language of the page; English stands in `en.js`.

import { ENGLISH } from "./en.js";

const english = document.documentElement.lang.startsWith("en");

/** `source` in the page's language, `{name}` filled in from `values`. */
export function t(source, values = {}) {
  const pattern = english ? ENGLISH[source] || source : source;
  return pattern.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}
