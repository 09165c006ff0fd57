// Small helpers to build elements. Text always goes in as text, never as markup.

const SVG = "http://www.w3.org/2000/svg";

function setAttribute(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (name === "class") element.setAttribute("class", value);
  else if (name in element && typeof value !== "string") element[name] = value;
  else element.setAttribute(name, value === true ? "" : String(value));
}

function append(element, child) {
  if (Array.isArray(child)) child.forEach((each) => append(element, each));
  else if (child !== null && child !== undefined && child !== false) element.append(child);
}

/** An element with attributes (`onclick` and the like are listeners) and children (nodes, strings, arrays). */
export function h(tag, attributes = {}, ...children) {
  const element = tag === "svg" || tag === "path" ? document.createElementNS(SVG, tag) : document.createElement(tag);
  Object.keys(attributes).forEach((name) => setAttribute(element, name, attributes[name]));
  append(element, children);
  return element;
}

/** Empties `element` and puts `children` in. */
export function fill(element, ...children) {
  element.textContent = "";
  append(element, children);
  return element;
}

/** Says `message` to a screen reader without moving the focus. */
export function announce(message) {
  const region = document.getElementById("announcer");
  region.textContent = "";
  setTimeout(() => { region.textContent = message; }, 50);
}

/** Puts `bytes` (or text) into the candidate's download folder. */
export function download(name, content, type) {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = h("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 60000);
}

/** A modal dialog; resolves to the value of the button pressed, `null` if closed with Escape. */
export function ask(title, body, buttons) {
  return new Promise((resolve) => {
    const close = (value) => { dialog.remove(); resolve(value); };
    const row = buttons.map((b) => h("button", {
      type: "button", class: `button ${b.kind || ""}`, onclick: () => close(b.value), autofocus: Boolean(b.focus),
    }, b.label));
    const dialog = h("dialog", { class: "dialog", "aria-labelledby": "dialog-title" },
      h("h2", { id: "dialog-title" }, title), h("div", { class: "dialog-body" }, body),
      h("div", { class: "dialog-buttons" }, row));
    dialog.addEventListener("cancel", (event) => { event.preventDefault(); close(null); });
    document.body.append(dialog);
    dialog.showModal();
  });
}
