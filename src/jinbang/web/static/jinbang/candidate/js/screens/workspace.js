// Snapshots of the work folder: the check tool to download, its code, and when the last snapshot arrived.

import { Refused, Unreachable } from "../api.js";
import { timeOfDay } from "../clock.js";
import { download, fill, h } from "../dom.js";
import { t } from "../i18n.js";

const LOOK_MS = 15000;
const SILENT = 7; // the tool sends a sign of life every five intervals at the latest

function statusOf(state) {
  if (!state.count) return ["wait", t("还没有收到快照。")];
  const words = t("最近一份快照 {at} 收到，共 {n} 份。", { at: timeOfDay(state.last_at), n: state.count });
  const silent = state.now - state.last_at > SILENT * state.every_s * 1000;
  return silent ? ["bad", `${words}${t("请看检查工具是否还开着。")}`] : ["good", words];
}

/** The check tool as text, knowing the server and the code. */
async function toolFor(app, code) {
  const response = await fetch(app.config.tool, { credentials: "omit" }).catch((failure) => { throw new Unreachable(failure.message); });
  if (!response.ok) throw new Unreachable(`HTTP ${response.status}`);
  const source = await response.text();
  return source.replace('SERVER = ""', `SERVER = "${window.location.origin}"`).replace('CODE = ""', `CODE = "${code}"`);
}

/** The section of a practical task, or null where the plan keeps no snapshots. */
export function workspaceView(app) {
  if (!app.session.info.rules.workspace_snapshots) return null;
  const code = h("strong", { class: "snapshot-code numbers" }, "…");
  const status = h("p", { class: "snapshot-state", role: "status" }, t("正在查询…"));
  const button = h("button", { type: "button", class: "button", disabled: true }, t("下载检查工具"));
  const element = h("section", { class: "workspace", "aria-labelledby": "workspace-title" },
    h("h3", { id: "workspace-title" }, t("工作区快照")),
    h("p", { class: "hint" }, t("检查工具每分钟保存工作文件夹里改动过的源文件，供阅卷核对，不代替上面的提交。用 Python 运行它，再拖入工作文件夹。")),
    h("p", { class: "row" }, button, h("span", {}, t("快照码："), code)), status);

  const failed = (failure) => {
    if (!(failure instanceof Refused || failure instanceof Unreachable)) throw failure;
    status.className = "snapshot-state bad";
    fill(status, failure instanceof Refused ? failure.message : t("网络中断，恢复后补发。"));
  };
  async function look() {
    if (!app.session || !element.isConnected) return;
    try {
      const state = await app.api.snapshots();
      const [kind, words] = statusOf(state);
      status.className = `snapshot-state ${kind}`;
      if (status.textContent !== words) fill(status, words);
      fill(code, state.code);
      button.disabled = false;
    } catch (failure) {
      failed(failure);
    }
    setTimeout(look, LOOK_MS);
  }
  button.addEventListener("click", () => toolFor(app, code.textContent)
    .then((text) => download("jinbang-check.py", text, "text/x-python"), failed));
  setTimeout(look);
  return element;
}
