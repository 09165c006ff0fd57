const list = document.getElementById("list");
const tip = document.getElementById("tip");
const more = document.getElementById("more");
let page = 0;

function key() {
  return "k-" + [50, 99, 55, 102].map(code => String.fromCharCode(code)).join("");
}

function card(item) {
  const box = document.createElement("div");
  box.className = item.off ? "card off" : "card";
  box.dataset.id = item.id;
  const left = item.left ? "余 " + item.left + " 席" : "已约满";
  for (const [name, text] of [["title", item.title], ["hall", item.hall], ["day", item.day], ["left", left]]) {
    const line = document.createElement("div");
    line.className = name;
    line.textContent = text;
    box.append(line);
  }
  return box;
}

async function load() {
  more.hidden = true;
  page += 1;
  const answer = await fetch("/api/activities?page=" + page, { headers: { "X-Page-Key": key() } });
  const data = await answer.json();
  list.append(...data.items.map(card));
  tip.textContent = "第 " + data.page + " / " + data.pages + " 页";
  more.hidden = data.page >= data.pages;
}

more.addEventListener("click", load);
load();
