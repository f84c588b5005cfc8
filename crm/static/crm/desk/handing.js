// @ts-check
/** Dialogs of handing over: another channel goes on with it, a colleague comes beside me. */
import { fill, h, say } from "./dom.js";
import { ask, colleagues, picks, subjects } from "./dialogs.js";

/** @typedef {import("./shape.js").Row} Row @typedef {(fields: Record<string, any>) => Promise<any>} Work */

/** @param {any} setup @param {Row} row @param {any[]} ways @param {(subject: string) => Promise<any[]>} again @param {Work} work */
export function goOn(setup, row, ways, again, work) {
  const { texts } = setup;
  const dialog = ask("goon", row.customer.name, (data) => Object.fromEntries(data.entries()), work);
  const field = (/** @type {string} */ name) => dialog.querySelector(`[name=${name}]`);
  let found = ways;
  const show = () => {
    const chosen = dialog.querySelector("[name=channel]:checked")?.value;
    const way = found.find((one) => one.channel === chosen);
    if (!way) return;
    say(dialog.querySelector("[data-address]"), texts[way.moments ? "phone" : "address"]);
    field("address").value = way.addresses[0] || "";
    field("address").type = way.moments ? "tel" : "email";
    field("address").dataset.wrong = texts[way.moments ? "phone_wrong" : "address_wrong"];
    field("address").readOnly = !way.moments && way.addresses.length > 0;
    dialog.querySelector("datalist").replaceChildren(...way.addresses.map((/** @type {string} */ value) => h("option", { value })));
    dialog.querySelector("[data-when]").hidden = !way.moments;
    field("moment").replaceChildren(...(way.moments || []).map((/** @type {any} */ one) => h("option", { value: one.at, text: one.label })));
    if (way.moments && !way.moments.length) field("moment").append(h("option", { value: "", text: texts.no_moment }));
  };
  const box = dialog.querySelector("[data-ways]");
  picks(box, "channel", ways.map((one) => ({ value: one.channel, label: one.label })), ways[0]?.channel);
  box.onchange = show;
  field("subject").replaceChildren(...subjects(setup, row.subject?.id));
  field("subject").onchange = async () => {
    found = await again(field("subject").value);
    show();
  };
  field("note").value = "";
  show();
}

/** @param {any} setup @param {import("./shape.js").State} state @param {Row} row @param {Work} work */
export function join(setup, state, row, work) {
  const dialog = ask("join", row.customer.name, (data) => ({ to_agent: data.get("to_agent") }), work);
  dialog.querySelector("[name=to_agent]").replaceChildren(...colleagues(setup, state));
  dialog.querySelector("[name=to_agent]").focus();
}

/** Who writes here beside its holder. @param {any} setup @param {Row} row */
export function together(setup, row) {
  const names = row.assistants.map((/** @type {any} */ one) => one.name);
  return names.length ? fill(setup.texts.together, { names: names.join(", ") }) : "";
}
