// Interface text: the source is Chinese; `en.js` holds the English and is fetched when it is chosen.

let english = {};
const KEPT = "jinbang.language";
let language = localStorage.getItem(KEPT) || (document.documentElement.lang.startsWith("en") ? "en" : "zh");

/** `zh` or `en`. */
export const current = () => language;

/** Fetches the words of the present language; without a network it stays Chinese. */
export async function words() {
  if (language === "en") await import("./en.js").then(({ ENGLISH }) => { english = ENGLISH; }, () => { language = "zh"; });
}

/** Changes the language of everything drawn from now on. */
export function choose(next) {
  language = next;
  localStorage.setItem(KEPT, next);
  document.documentElement.lang = next === "en" ? "en" : "zh-Hans";
  return words();
}

/** `source` in the present language, `{name}` filled in from `values`. */
export function t(source, values = {}) {
  const pattern = language === "en" ? english[source] || source : source;
  return pattern.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}
