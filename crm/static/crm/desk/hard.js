// @ts-check
/** Hard moments: one key opens the sheet, Enter does it. After a warning for abuse the same key
 * offers the end. */
import { ask, first } from "./dialogs.js";
import { h, say } from "./dom.js";

/** @param {any} setup @param {import("./shape.js").Row} row @param {string} kind
 * @param {{label: string, steps: string[], said: string}} sheet
 * @param {(verb: string, fields: Record<string, any>) => Promise<any>} work */
export function hard(setup, row, kind, sheet, work) {
  const { texts } = setup;
  const known = row.hard.includes(kind);
  const ends = known && kind === "abuse";
  const dialog = ask("hard", row.customer.name, () => ({}), async () => {
    if (ends) await work("hard_end", {});
    else if (!known) await work("hard", { kind });
  });
  say(dialog.querySelector("[data-what]"), first(sheet.label));
  dialog.querySelector("[data-steps]").replaceChildren(...sheet.steps.map((text) => h("li", { text })));
  const said = dialog.querySelector("[data-said]");
  said.hidden = known || !sheet.said;
  say(said, sheet.said);
  say(dialog.querySelector("[data-then]"), ends ? texts.hard_ends : texts[`hard_does_${kind}`]);
  const submit = dialog.querySelector("[type=submit]");
  say(submit, ends ? texts.hard_end : known ? texts.hard_known : texts.hard_declare);
  submit.focus();
}
