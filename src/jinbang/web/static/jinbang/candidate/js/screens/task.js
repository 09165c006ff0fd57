// A practical task: statement, material to download, files to hand in with versions and receipts.

import { Refused, Unreachable } from "../api.js";
import { timeOfDay } from "../clock.js";
import { decrypt, fromBase64, hex, sha256, utf8 } from "../crypto/index.js";
import { announce, download, fill, h } from "../dom.js";
import { t } from "../i18n.js";
import { markdown } from "../markdown.js";
import { workspaceView } from "./workspace.js";

const size = (bytes) => (bytes < 1024 ? `${bytes} B` : bytes < 1048576 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / 1048576).toFixed(1)} MB`);

async function fetchMaterial(app, material) {
  const bytes = await app.api.material(material.sha256);
  if (hex(await sha256(bytes)) !== material.sha256) throw new Unreachable("the material was damaged on its way");
  return decrypt(fromBase64(material.key), bytes.subarray(0, 12), bytes.subarray(12), utf8("jinbang-material/1"));
}

function materialView(app, material) {
  const state = h("span", { role: "status" });
  const button = h("button", { type: "button", class: "button" }, t("下载素材 {name}（{size}）", { name: material.name, size: size(material.size) }));
  button.addEventListener("click", async () => {
    button.disabled = true;
    fill(state, t("正在下载…"));
    try {
      download(material.name, await fetchMaterial(app, material), "application/octet-stream");
      fill(state, t("已下载到浏览器的下载文件夹"));
    } catch (failure) {
      if (!(failure instanceof Refused || failure instanceof Unreachable)) throw failure;
      fill(state, failure instanceof Refused ? failure.message : t("网络中断，请稍后再试"));
    } finally {
      button.disabled = false;
    }
  });
  return h("p", { class: "row material" }, button, state);
}

function versionRow(receipt, newest) {
  return h("tr", { class: newest ? "newest" : "" },
    h("td", { class: "numbers" }, t("第 {n} 版", { n: receipt.version })), h("td", { class: "numbers" }, timeOfDay(receipt.completed_at)),
    h("td", { class: "numbers" }, size(receipt.size)), h("td", {}, h("code", {}, receipt.sha256.slice(0, 8).toUpperCase())),
    h("td", {}, newest ? t("以此版为准") : ""));
}

function fileView(app, item, name, index) {
  const versions = h("tbody", {});
  const table = h("table", { class: "versions" }, h("caption", { class: "visually-hidden" }, t("{name} 的各个版本", { name })),
    h("thead", {}, h("tr", {}, [t("版本"), t("收到时间"), t("大小"), t("核对码"), ""].map((text) => h("th", { scope: "col" }, text)))), versions);
  const state = h("span", { class: "file-state", role: "status" });
  const bar = h("progress", { max: "1", hidden: true, "aria-label": t("上传进度") });
  const input = h("input", { type: "file", id: `file-${index}`, class: "visually-hidden" });
  const label = h("label", { class: "button", for: `file-${index}` }, t("选择并上传"));

  function update() {
    const list = app.uploads.versions(item.id, name);
    table.hidden = !list.length;
    fill(versions, list.map((receipt, i) => versionRow(receipt, i === 0)));
    const running = app.uploads.progress(item.id, name);
    bar.hidden = !running || running.waiting;
    if (running) {
      bar.value = running.size ? running.sent / running.size : 0;
      fill(state, running.waiting ? t("网络中断，文件已存在本机，恢复后从断点继续") : t("正在上传 {done} / {all}", { done: size(running.sent), all: size(running.size) }));
    }
  }

  input.addEventListener("change", async () => {
    const file = input.files[0];
    if (!file) return;
    input.value = "";
    if (file.name !== name) { fill(state, t("请选择名为 {name} 的文件（选中的是 {other}）", { name, other: file.name })); return; }
    try {
      await app.uploads.choose(item.id, name, file);
      fill(state, t("已收到并保存"));
      announce(t("{name} 已收到并保存", { name }));
      app.tell("answered", item.id);
    } catch (failure) {
      if (!(failure instanceof Refused)) throw failure;
      fill(state, failure.message);
    }
  });
  update();
  return {
    update,
    lock: () => { input.disabled = true; },
    element: h("li", { class: "file" }, h("div", { class: "row" }, h("code", { class: "file-name" }, name), input, label, bar, state), table),
  };
}

export function taskView(app, item) {
  const files = item.files.map((name, index) => fileView(app, item, name, index));
  app.uploads.refresh();
  const element = h("div", { class: "answer task", "data-answer": "1" }, !item.statement.startsWith(`# ${item.title}`) && h("h3", {}, item.title),
    h("div", { class: "statement" }, markdown(item.statement)), item.material && materialView(app, item.material),
    h("h3", {}, t("提交文件")),
    h("p", { class: "hint" }, t("可以多次上传，以每个文件的最新一版为准。文件名必须与下面一致。")),
    h("ul", { class: "files" }, files.map((file) => file.element)), workspaceView(app));
  const each = (name) => () => files.forEach((file) => file[name]());
  return { element, pick: () => {}, lock: each("lock"), uploaded: each("update") };
}
