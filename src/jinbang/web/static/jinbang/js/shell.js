// Behaviour of the shell: dialogs, menus, ticked rows, keyboard. Every page works without it.
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const dialog = document.getElementById("dialog");

document.body.addEventListener("htmx:afterSwap", ({ target }) => {
  if (target === dialog && !dialog.open && dialog.innerHTML.trim()) dialog.showModal();
  const summary = target.querySelector?.("[data-focus]");
  if (summary) summary.focus();
});
document.body.addEventListener("htmx:responseError", ({ detail }) => {
  if (detail.xhr.status === 401 || detail.xhr.status === 403 || detail.xhr.status === 404) location.reload();
});
document.querySelector("#main [data-focus]")?.focus();
document.querySelector("#menu [aria-current]")?.scrollIntoView({ block: "nearest" });

document.addEventListener("click", (event) => {
  const closer = event.target.closest("dialog [data-close]");
  if (closer) { event.preventDefault(); closer.closest("dialog").close(); }
  if (event.target === dialog) dialog.close();
  const toggle = event.target.closest("[data-toggle=menu]");
  if (toggle) {
    const open = document.getElementById("menu").classList.toggle("open");
    toggle.setAttribute("aria-expanded", String(open));
  }
  for (const menu of $$("details[data-dropdown][open]")) if (!menu.contains(event.target)) menu.open = false;
  const confirmed = event.target.closest("[data-confirm]");
  if (confirmed && !confirm(confirmed.dataset.confirm)) event.preventDefault();
});

document.addEventListener("change", (event) => {
  const form = event.target.closest("[data-bulk]");
  if (!form) return;
  if (event.target.matches("[data-tick-all]")) for (const box of $$("[name=pk]", form)) box.checked = event.target.checked;
  const count = $$("[name=pk]:checked", form).length;
  const bar = form.querySelector("[data-bulk-bar]");
  if (!bar) return;
  bar.hidden = count === 0;
  const text = bar.querySelector("[data-bulk-count]");
  text.textContent = text.dataset.text.replace("{n}", count);
});

// A form is sent once, however often the button is pressed.
document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-guard]");
  if (!form) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "1";
});
addEventListener("pageshow", () => { for (const form of $$("form[data-guard]")) delete form.dataset.sent; });

let prefix = "";
let row = -1;
const step = (by) => {
  const rows = $$(".list .table-own tbody tr");
  if (!rows.length) return;
  rows[row]?.classList.remove("focused");
  row = Math.max(0, Math.min(rows.length - 1, row + by));
  rows[row].classList.add("focused");
  rows[row].scrollIntoView({ block: "nearest" });
  rows[row].querySelector("a.row-link, a")?.focus();
};
const KEYS = {
  "/": () => document.querySelector("input[type=search]")?.focus(),
  "?": () => document.getElementById("shortcuts").showModal(),
  j: () => step(1), k: () => step(-1),
  "g h": () => { location.href = "/"; },
  "g i": () => document.querySelector('[data-shortcut="g i"]')?.click(),
};
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") for (const menu of $$("details[data-dropdown][open]")) { menu.open = false; menu.querySelector("summary").focus(); }
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea, dialog[open], [contenteditable]")) return;
  const action = KEYS[prefix + event.key];
  prefix = event.key === "g" && !prefix ? "g " : "";
  if (action) { event.preventDefault(); action(); }
});
