// Replay of an answer's states by slider or by itself, and copying of files without line numbers.
// Everything is delegated: the place is drawn anew with every step.

const place = () => document.getElementById("work-at");
let timer = 0;

function goTo(index) {
  const list = place();
  if (!list || index < 0 || index >= list.options.length) return false;
  list.selectedIndex = index;
  list.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
}

function stop() {
  clearInterval(timer);
  timer = 0;
  draw();
}

function play() {
  if (place().selectedIndex === place().options.length - 1) goTo(0);
  timer = setInterval(() => goTo(place().selectedIndex + 1) || stop(), 1500);
  draw();
}

function draw() {
  const button = document.querySelector("[data-play]");
  if (!button) return;
  button.dataset.start ??= button.textContent;
  button.textContent = timer ? button.dataset.stop : button.dataset.start;
  button.setAttribute("aria-pressed", String(Boolean(timer)));
}

async function copy(button) {
  const lines = button.closest(".code-head").nextElementSibling.querySelectorAll(".line");
  const text = [...lines].map((line) => line.textContent).join("");
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const box = document.body.appendChild(document.createElement("textarea"));
    box.value = text;
    box.select();
    document.execCommand("copy");
    box.remove();
  }
  button.classList.add("btn-primary");
  setTimeout(() => button.classList.remove("btn-primary"), 900);
}

document.addEventListener("input", (event) => {
  if (event.target.matches("[data-replay]")) place().selectedIndex = Number(event.target.value);
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-play]")) timer ? stop() : play();
  const button = event.target.closest("[data-copy]");
  if (button) copy(button);
});
document.body.addEventListener("htmx:afterSettle", draw);
draw();
