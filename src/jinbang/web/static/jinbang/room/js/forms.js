// The dialog of an action: its fields, its explanation, and the refusal beside the field it concerns.

import { fill, h } from "../../candidate/js/dom.js";
import { t } from "./i18n.js";

const option = (value, label) => h("option", { value }, label);

function control(console_, field, seat, value) {
  const id = `field-${field.name}`;
  const common = { id, name: field.name, class: "form-control", required: field.required || null };
  const choices = {
    cause: () => console_.config.causes.map((one) => option(one.key, one.label)),
    code: () => console_.config.codes.filter((one) => seat || !one.seat).map((one) => option(one.key, one.label)),
    seat: () => console_.board.seats.filter((one) => one.usable && !one.attempt).sort((a, b) => b.spare - a.spare || a.number - b.number)
      .map((one) => option(String(one.number), one.spare ? t("{n} 号（备用）", { n: one.number }) : t("{n} 号", { n: one.number }))),
  }[field.kind];
  if (choices) {
    const select = h("select", Object.assign({}, common, { class: "form-select" }), choices());
    if (value) select.value = value;
    return select;
  }
  if (field.kind === "textarea") return h("textarea", Object.assign({}, common, { rows: "3", maxlength: "300" }), value || "");
  const kinds = { number: { type: "number", min: "1", max: "50", step: "1" }, time: { type: "time" }, text: { type: "text", maxlength: "300" } };
  return h("input", Object.assign({}, common, kinds[field.kind], { value: value === undefined ? "" : String(value) }));
}

/** Fields in which a second person signs at this screen; switched off until they are needed. */
function signature(needed) {
  const line = (name, label, kind, more = {}) => h("p", { class: "dialog-field" }, h("label", { for: `field-${name}`, class: "form-label" }, label),
    h("input", Object.assign({ id: `field-${name}`, name, class: "form-control", type: kind, autocomplete: "off" }, more)));
  const box = h("fieldset", { class: "sign" }, h("legend", {}, t("第二人当场签名")),
    h("p", { class: "muted" }, t("由有权限的另一人（主考、巡考或考务人员）在此输入本人的用户名和密码；您不会退出。")),
    h("div", { class: "sign-fields" }, line("by_username", t("用户名"), "text", { required: true }), line("by_password", t("密码"), "password", { required: true, autocomplete: "new-password" }),
      line("by_code", t("动态口令（如已设置）"), "text", { inputmode: "numeric" })));
  const show = (on) => { box.hidden = !on; box.disabled = !on; };
  show(needed);
  return { box, show };
}

/** Resolves when the action was done or given up. `send(fields)` throws what the server refused. */
export function actionForm(console_, action, seat, values, send, sign = false) {
  return new Promise((resolve) => {
    const problem = h("p", { class: "message tone-danger", role: "alert", hidden: true });
    const fields = action.fields(console_.board).map((field) => {
      const value = values[field.name] === undefined ? field.value : values[field.name];
      return h("p", { class: "dialog-field" }, h("label", { for: `field-${field.name}`, class: "form-label" }, field.label), control(console_, field, seat, value));
    });
    const signed = signature(sign || !console_.can(action.name));
    const warning = action.warn && action.warn(console_.board);
    const done = () => { dialog.close(); dialog.remove(); resolve(); };
    const submit = h("button", { type: "submit", class: `btn ${action.grave ? "btn-danger" : "btn-primary"}` }, action.label());
    const form = h("form", { method: "dialog" }, h("h2", { id: "action-title" }, action.title || (seat ? `${action.label()} · ${seat.number} ${seat.name}` : action.label())),
      action.explain && h("p", { class: "muted" }, action.explain()), warning && h("p", { class: "message tone-warning" }, warning), problem, fields, signed.box,
      h("div", { class: "dialog-actions" }, h("button", { type: "button", class: "btn btn-outline-secondary", onclick: done }, t("取消")), submit));
    const dialog = h("dialog", { class: "dialog console-dialog", "aria-labelledby": "action-title" }, form);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      submit.disabled = true;
      try {
        await send(Object.assign(values.entry ? { entry: values.entry } : {}, Object.fromEntries(new FormData(form))));
        done();
      } catch (refused) {
        problem.hidden = false;
        fill(problem, refused.message);
        if (refused.code === "second_person_needed" || refused.code === "forbidden") signed.show(true);
        const wrong = refused.field && form.elements[refused.field];
        if (wrong) wrong.focus();
      } finally {
        submit.disabled = false;
      }
    });
    dialog.addEventListener("cancel", (event) => { event.preventDefault(); done(); });
    document.body.append(dialog);
    dialog.showModal();
  });
}
