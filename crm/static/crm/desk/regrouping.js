// @ts-check
/** Dialogs that hand a letter on, and put requests together or apart. */
import { newKey } from "../unsent.js";
import { ask } from "./dialogs.js";
import { byId, h } from "./dom.js";

/** @typedef {import("./shape.js").Row} Row @typedef {(fields: Record<string, any>) => Promise<any>} Work */

/** @param {Row} row @param {number|null} message @param {boolean} files there are some @param {Work} work */
export function forward(row, message, files, work) {
  const key = newKey();
  const dialog = ask("forward", row.customer.name, (data) => ({
    to: data.get("to"), text: data.get("text"), files: data.get("files"), message, client_id: key,
  }), work);
  dialog.querySelector("[name=to]").value = dialog.querySelector("[name=text]").value = "";
  dialog.querySelector("[data-files]").hidden = !files;
  dialog.querySelector("[name=files]").checked = files;
  dialog.querySelector("[name=to]").focus();
}

/** @param {any} setup @param {Row} row @param {any[]} others @param {(verb: string, fields: Record<string, any>) => Promise<any>} work */
export function regroup(setup, row, others, work) {
  const dialog = ask("regroup", row.customer.name, (data) => ({ other: data.get("typed") || data.get("other"), how: data.get("how") }),
    ({ other, how }) => work(how, { other }));
  const label = (/** @type {any} */ one) => [one.ref, setup.channels[one.channel]?.label, one.title, one.open ? "" : setup.texts.closed].filter(Boolean).join(" · ");
  dialog.querySelector("[name=other]").replaceChildren(
    h("option", { value: "", text: setup.texts.choose_or_type }), ...others.map((one) => h("option", { value: one.ref, text: label(one) })));
  dialog.querySelector("[name=typed]").value = "";
  const merges = dialog.querySelector("[value=merge]");
  merges.disabled = !setup.channels[row.channel]?.letters;
  dialog.querySelector(merges.disabled ? "[value=link]" : "[value=merge]").checked = true;
  dialog.querySelector("[name=other]").focus();
}

/** @param {Row} row @param {any} m @param {Work} work */
export function split(row, m, work) {
  const dialog = ask("split", row.customer.name, (data) => ({
    message: m.id, onwards: data.get("onwards"), title: data.get("title"),
  }), work);
  dialog.querySelector("[name=title]").value = m.body.subject || m.text.trim().split("\n")[0].slice(0, 100);
  dialog.querySelector("[name=onwards]").checked = false;
  byId("desk-split-title").focus();
}
