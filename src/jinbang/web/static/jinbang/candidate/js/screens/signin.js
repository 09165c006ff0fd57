// Sign-in at the seat: ticket number and ID number.

import { Refused, Unreachable } from "../api.js";
import { announce, fill, h } from "../dom.js";
import { t } from "../i18n.js";
import { deviceKey } from "../store.js";
import { sheet } from "./parts.js";

function field(id, label, hint, attributes) {
  return h("p", { class: "field" }, h("label", { for: id }, label),
    h("input", Object.assign({
      id, name: id, required: true, autocomplete: "off", spellcheck: "false", "aria-describedby": `${id}-hint`,
    }, attributes)),
    h("small", { id: `${id}-hint` }, hint));
}

export function signInScreen(app, notice) {
  const message = h("div", { class: "notice bad", role: "alert", hidden: !notice }, notice || "");
  const submit = h("button", { type: "submit", class: "button primary wide" }, t("签到"));
  const form = h("form", { class: "sign-in", novalidate: true },
    field("ticket", t("准考证号"), t("见准考证，只填数字和字母"), { inputmode: "text", maxlength: "32" }),
    field("id_number", t("身份证号"), t("最后一位是 X 的，大小写都可以"), { maxlength: "24" }), message, submit);

  const say = (text) => { message.hidden = !text; fill(message, text); if (text) announce(text); };

  async function send(event) {
    event.preventDefault();
    const ticket = form.ticket.value.replace(/\s/g, "");
    const id = form.id_number.value.replace(/\s/g, "").toUpperCase();
    if (!ticket || !id) { say(t("请填写准考证号和身份证号")); (ticket ? form.id_number : form.ticket).focus(); return; }
    submit.disabled = true;
    say("");
    try {
      await app.signIn({ ticket, id_number: id, device_key: deviceKey(), agent: navigator.userAgent.slice(0, 200) });
    } catch (failure) {
      if (failure instanceof Refused) say(failure.message);
      else if (failure instanceof Unreachable) say(t("连不上考试服务器，请举手告知监考员。"));
      else throw failure;
    } finally {
      submit.disabled = false;
    }
  }

  form.addEventListener("submit", send);
  const screen = sheet(app, h("h1", {}, t("考生签到")),
    h("p", { class: "lead" }, t("请对照准考证填写，坐在准考证上写明的座位。")), form);
  const asked = () => app.api.time().catch((failure) => {
    if (!(failure instanceof Refused || failure instanceof Unreachable)) throw failure;
  });
  screen.element.querySelector(".sheet").classList.add("sheet-narrow");
  asked();
  const timer = setInterval(asked, 10000);
  return Object.assign(screen, { shown: () => form.ticket.focus(), leave: () => clearInterval(timer) });
}
