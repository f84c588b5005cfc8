// @ts-check
/** The closing code by two keys: E, and a figure for what came of it. What it was really about is
 * proposed from the customer's words; the subject they chose is kept beside it. */
import { ask, first, picks, subjects } from "./dialogs.js";
import { fill, h, say } from "./dom.js";

/** @typedef {import("./shape.js").Row} Row @typedef {(fields: Record<string, any>) => Promise<any>} Work */

/** Outcomes that want more than a key. */
const PROMISED = "promised";

/** @param {any} setup @param {Row} row @param {{id: number, name: string, why: string, sure: boolean}[]} proposals @param {Work} work */
export function close(setup, row, proposals, work) {
  const { texts } = setup;
  const dialog = ask("close", row.customer.name, (data) => Object.fromEntries(data.entries()), work);
  const field = (/** @type {string} */ name) => dialog.querySelector(`[name=${name}]`);
  const box = dialog.querySelector("[data-outcomes]");
  picks(box, "outcome",
    setup.outcomes.filter((/** @type {string[]} */ [value]) => row.complaint || value !== "refused")
      .map((/** @type {string[]} */ [value, label]) => ({ value, label: first(label) })), "solved");
  const promised = () => dialog.querySelector("[name=outcome]:checked")?.value === PROMISED;
  const show = () => {
    dialog.querySelector("[data-next-step]").hidden = !promised();
    field("step").required = promised();
  };
  box.onchange = () => {
    show();
    if (promised()) field("step").focus();
  };
  // the figure is the second key: it closes, unless there is more to say
  box.onpicked = () => {
    if (!promised() && !row.complaint) dialog.querySelector("form").requestSubmit();
  };
  field("step").value = "";
  field("step_by").replaceChildren(...setup.snoozes.map((/** @type {any} */ one, /** @type {number} */ n) =>
    h("option", { value: one.at, text: one.label, selected: n === setup.snoozes.length - 3 })));
  dialog.querySelector("[data-founded]").hidden = !row.complaint;
  field("founded").value = "";
  const best = proposals[0];
  field("subject").replaceChildren(...subjects(setup, best?.sure ? best.id : row.subject?.id ?? best?.id));
  const proposed = dialog.querySelector("[data-proposed]");
  proposed.hidden = !best;
  say(proposed, best ? fill(texts.proposed, best) : "");
  say(dialog.querySelector("[data-asked]"), row.subject ? fill(texts.asked_about, { name: row.subject.name }) : "");
  field("nature").replaceChildren(h("option", { value: "", text: "—" }),
    ...setup.natures.map((/** @type {string[]} */ [value, label]) => h("option", { value, text: first(label) })));
  show();
}

/** @param {import("./api.js").Api} api @param {number} i what speaks for a subject; nothing without a network */
export async function proposals(api, i) {
  return api.get(`${i}/part/closing/`).then((answer) => answer.proposals, () => []);
}
