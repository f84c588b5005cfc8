// @ts-check
/** A lead blocks a customer, with a reason and an end. */
import { ask } from "./dialogs.js";
import { h } from "./dom.js";
import * as time from "./time.js";

const DAYS = [1, 7, 30, 90, 365];

/** @param {any} setup @param {import("./shape.js").Row} row @param {(fields: Record<string, any>) => Promise<any>} work */
export function block(setup, row, work) {
  const dialog = ask("block", row.customer.name, (data) => Object.fromEntries(data.entries()), work);
  dialog.querySelector("[name=reason]").value = "";
  dialog.querySelector("[name=until]").replaceChildren(...DAYS.map((days) => {
    const until = new Date(time.now() + days * 86_400_000).toISOString();
    return h("option", { value: until, text: time.date(until), selected: days === 30 });
  }));
  dialog.querySelector("[name=reason]").focus();
}
