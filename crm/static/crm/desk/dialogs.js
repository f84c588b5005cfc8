// @ts-check
/** Native dialogs: closing code, handing on, setting aside. A refusal is said inside them, and so is
 * what a field lacks: in our language, and to those who hear the page. */
import { byId, fill, h, say } from "./dom.js";

/** @typedef {import("./shape.js").Row} Row @typedef {(fields: Record<string, any>) => Promise<any>} Work */

/** Open one; `work` gets the form's fields, and the dialog closes when it is done.
 * @param {string} name @param {string} about @param {(data: FormData) => Record<string, any>} read @param {Work} work */
export function ask(name, about, read, work) {
  const dialog = byId(`desk-${name}`);
  const form = dialog.querySelector("form");
  const wrong = dialog.querySelector(".desk-wrong");
  const title = dialog.querySelector("[data-name]");
  if (title) say(title, about);
  if (wrong) wrong.hidden = true;
  form.noValidate = true;
  form.onsubmit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const lacking = form.querySelector(":is(input, select, textarea):invalid");
    if (lacking) {
      wrong.hidden = false;
      say(wrong, lacking.dataset.wrong || lacking.validationMessage);
      lacking.focus();
      return;
    }
    const submit = form.querySelector("[type=submit]");
    submit.disabled = true;
    try {
      await work(read(new FormData(form)));
      dialog.close();
    } catch (error) {
      wrong.hidden = false;
      say(wrong, error instanceof Error ? error.message : String(error));
    } finally {
      submit.disabled = false;
    }
  };
  for (const button of dialog.querySelectorAll("[data-cancel]")) button.onclick = () => dialog.close();
  // no value: a handler that returns false would stop the buttons within
  dialog.onclick = (/** @type {Event} */ event) => {
    if (event.target === dialog) dialog.close();
  };
  if (!dialog.open) dialog.showModal();
  return dialog;
}

/** Radios with figures as keys. @param {Element} box @param {string} name @param {{value: string, label: string}[]} picks @param {string} chosen */
export function picks(box, name, picks, chosen) {
  const legend = box.querySelector("legend");
  box.replaceChildren(...(legend ? [legend] : []), ...picks.map(({ value, label }, n) => {
    const radio = h("input", { type: "radio", name, value, required: true });
    radio.checked = value === chosen;
    return h("label", {}, radio, h("span", { text: label }), h("kbd", { text: n + 1, "aria-hidden": "true" }));
  }));
  const dialog = /** @type {HTMLDialogElement} */ (box.closest("dialog"));
  dialog.onkeydown = (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.ctrlKey || event.metaKey || event.altKey || target.matches("textarea, select, input:not([type=radio])")) return;
    const radio = /** @type {HTMLInputElement|undefined} */ (box.querySelectorAll("input")[Number(event.key) - 1]);
    if (/^[1-9]$/.test(event.key) && radio) {
      event.preventDefault();
      radio.checked = true;
      radio.focus();
      box.dispatchEvent(new Event("change"));
      /** @type {any} */ (box).onpicked?.();
    }
    if (event.key === "Enter" && target.matches("input[type=radio]")) {
      event.preventDefault();
      dialog.querySelector("form")?.requestSubmit();
    }
  };
  queueMicrotask(() => /** @type {HTMLElement|null} */ (box.querySelector("input:checked") || box.querySelector("input"))?.focus());
}

/** Whoever is here first, each with what they do now. @param {any} setup @param {import("./shape.js").State} state @param {string} [prefix] */
export function colleagues(setup, state, prefix = "") {
  const words = Object.fromEntries(setup.states);
  const now = (/** @type {any} */ one) => state.agents[one.id]?.state || "offline";
  const sorted = [...setup.colleagues].sort((a, b) => Number(now(b) !== "offline") - Number(now(a) !== "offline"));
  const about = (/** @type {any} */ one) => [words[now(one)], one.simulated && setup.texts.simulated].filter(Boolean).join(", ");
  return sorted.map((one) => h("option", { value: prefix + one.id, text: `${one.name} (${about(one)})` }));
}

/** The subjects, by branch. @param {any} setup @param {number|undefined} chosen */
export function subjects(setup, chosen) {
  /** @type {Map<string, any[]>} */
  const branches = new Map();
  for (const subject of setup.subjects) {
    branches.set(subject.branch, [...(branches.get(subject.branch) || []), subject]);
  }
  return [h("option", { value: "", text: "—" }),
    ...[...branches].map(([branch, leaves]) => {
      const options = leaves.map((one) => h("option", { value: one.id, text: one.name, selected: one.id === chosen }));
      return branch ? h("optgroup", { label: branch }, ...options) : options;
    }).flat()];
}

/** @param {any} setup @param {import("./shape.js").State} state @param {Row} row @param {Work} work */
export function transfer(setup, state, row, work) {
  const { texts } = setup;
  const dialog = ask("transfer", row.customer.name, (data) => {
    const [kind, key] = String(data.get("to")).split(":");
    return { [kind === "agent" ? "to_agent" : "to_queue"]: key, note: data.get("note") };
  }, work);
  dialog.querySelector("[name=to]").replaceChildren(
    h("optgroup", { label: texts.to_queue }, ...setup.queues.map((/** @type {any} */ one) => h("option", { value: `queue:${one.id}`, text: one.name }))),
    h("optgroup", { label: texts.to_colleague }, ...colleagues(setup, state, "agent:")));
  dialog.querySelector("[name=note]").value = "";
  dialog.querySelector("[name=to]").focus();
}

/** @param {any} setup @param {Row} row @param {Work} work */
export function snooze(setup, row, work) {
  const dialog = ask("snooze", row.customer.name, (data) => ({ until: data.get("until"), closes: data.get("closes") }), work);
  dialog.querySelector("[name=closes]").checked = false;
  picks(dialog.querySelector("[data-snoozes]"), "until",
    setup.snoozes.map((/** @type {any} */ one) => ({ value: one.at, label: one.label })), setup.snoozes[0]?.at);
}

/** Several steps at once: what the chosen one does is read before it is done.
 * @param {Row} row @param {{id: number, name: string, steps: string[]}[]} macros
 * @param {(fields: Record<string, any>, name: string) => Promise<any>} work */
export function macro(row, macros, work) {
  const chosen = () => macros.find((one) => String(one.id) === dialog.querySelector("[name=macro]:checked")?.value);
  const dialog = ask("macro", row.customer.name, (data) => ({ macro: data.get("macro") }),
    (fields) => work(fields, chosen()?.name || ""));
  const box = dialog.querySelector("[data-macros]");
  const show = () => dialog.querySelector("[data-steps]").replaceChildren(
    ...(chosen()?.steps || []).map((text) => h("li", { text })));
  picks(box, "macro", macros.map((one) => ({ value: String(one.id), label: one.name })), String(macros[0].id));
  box.onchange = show;
  show();
}

/** A code to an address known before, and back from the customer's mouth.
 * @param {any} setup @param {Row} row @param {any[]} codes @param {(identity: string) => Promise<void>} send @param {Work} work */
export function verify(setup, row, codes, send, work) {
  const dialog = ask("verify", row.customer.name, (data) => ({ code: data.get("code") }), work);
  const box = dialog.querySelector("[data-codes]");
  const sent = dialog.querySelector("[data-code-sent]");
  const button = dialog.querySelector("[data-send-code]");
  picks(box, "identity", codes.map((one) => ({ value: String(one.id), label: one.value })), String(codes[0]?.id));
  box.hidden = button.hidden = !codes.length;
  dialog.querySelector("[data-no-codes]").hidden = Boolean(codes.length);
  dialog.querySelector("[name=code]").value = "";
  say(sent, "");
  button.onclick = async () => {
    const chosen = dialog.querySelector("[name=identity]:checked");
    button.disabled = true;
    try {
      await send(chosen.value);
      say(sent, fill(setup.texts.code_sent, { address: codes.find((one) => String(one.id) === chosen.value).value }));
      dialog.querySelector("[name=code]").focus();
    } catch (error) {
      say(sent, error instanceof Error ? error.message : String(error));
    } finally {
      button.disabled = false;
    }
  };
}

/** The exchange's own fields. @param {any} setup @param {Row} row @param {Work} work */
export function fillIn(setup, row, work) {
  const dialog = ask("fill", row.customer.name, (data) => ({ own: JSON.stringify(Object.fromEntries(data.entries())) }), work);
  dialog.querySelector("[data-fields]").replaceChildren(...setup.own.map((/** @type {any} */ field) => h("p", {},
    h("label", { for: `desk-own-${field.key}`, text: field.label }),
    input(setup, field, row.own[field.key]),
    field.help && h("span", { class: "desk-said", text: field.help }))));
  dialog.querySelector("[data-fields] :is(input, select)").focus();
}

/** @param {any} setup @param {any} field @param {any} value */
function input(setup, field, value) {
  const same = { id: `desk-own-${field.key}`, name: field.key };
  const { texts } = setup;
  /** @type {Record<string, string[][]>} */
  const words = { choice: field.choices.map((/** @type {string} */ word) => [word, word]), boolean: [["true", texts.yes], ["false", texts.no]] };
  if (words[field.kind]) {
    const now = String(value ?? "");
    return h("select", same, h("option", { value: "", text: "–" }),
      ...words[field.kind].map(([word, label]) => h("option", { value: word, text: label, selected: word === now })));
  }
  const box = h("input", { ...same, type: field.kind === "date" ? "date" : "text", inputmode: field.kind === "number" ? "decimal" : null, maxlength: 500 });
  box.value = value ?? "";
  return box;
}

/** Turn it into a complaint; of one that is: its owner and its level.
 * @param {any} setup @param {import("./state.js").State} state @param {Row} row @param {Work} work */
export function complain(setup, state, row, work) {
  const { texts } = setup;
  const dialog = ask("complain", row.customer.name, (data) => ({ owner: data.get("owner"), level: data.get("level") || "" }), work);
  const now = row.complaint;
  say(dialog.querySelector("[data-what]"), now ? fill(texts.complaint, { level: now.name }) : texts.complaint_into);
  const people = [{ id: state.me.id, name: state.me.name }, ...setup.colleagues];
  dialog.querySelector("[name=owner]").replaceChildren(
    ...people.map((one) => h("option", { value: one.id, text: one.name, selected: one.id === (now?.owner?.id ?? state.me.id) })));
  dialog.querySelector("[name=level]").checked = false;
  dialog.querySelector("[data-level]").hidden = !now || now.level > 2;
  dialog.querySelector("[name=owner]").focus();
}

/** @param {string} title @param {Work} work @param {() => void} cancelled */
export function reason(title, work, cancelled) {
  let done = false;
  const dialog = ask("reason", title, (data) => ({ reason: data.get("reason") }), async (fields) => {
    await work(fields);
    done = true;
  });
  dialog.querySelector("[name=reason]").value = "";
  dialog.onclose = () => {
    if (!done) cancelled();
  };
}

export function help() {
  const dialog = byId("desk-help");
  dialog.querySelector("[data-cancel]").onclick = () => dialog.close();
  dialog.showModal();
}

/** @param {string} text */
export function first(text) {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
