// @ts-check
/** Chats beside the open one, up to four at once on a wide screen: each with its own last lines and
 * its own field. Alt + 1 to 4 goes from one to the other. */
import { byId, fill, h, icon, linked, say } from "./dom.js";
import { byKey, marked } from "./marks.js";
import { isMine } from "./order.js";
import { showTurn } from "./list.js";
import { paint } from "./guard.js";

/** @typedef {import("./shape.js").State} State */

export const MOST = 3; // beside the open one
const LINES = 60;
const KEY = "bravo.desk.sides";

export class Sides {
  /** @param {any} setup @param {import("./drafts.js").Drafts} drafts @param {{send: (i: number, text: string) => void, typing: (i: number) => void, load: (i: number) => Promise<any>, left: (i: number) => void, open: (i: number) => void}} on */
  constructor(setup, drafts, on) {
    this.setup = setup;
    this.drafts = drafts;
    this.on = on;
    this.box = byId("desk-sides");
    /** @type {Map<number, any>} */
    this.columns = new Map();
    for (const i of JSON.parse(sessionStorage.getItem(KEY) || "[]")) this.add(i);
  }

  /** There is room for columns. */
  fits() {
    return matchMedia("(min-width: 1500px)").matches;
  }

  /** @param {number|null} i */
  has(i) {
    return i !== null && this.columns.has(i);
  }

  keys() {
    return [...this.columns.keys()];
  }

  /** @param {number} i */
  async add(i) {
    if (this.has(i) || this.columns.size >= MOST) return;
    this.columns.set(i, this.make(i));
    this.keep();
    try {
      await this.on.load(i);
    } catch {
      this.remove(i); // gone, or not ours to see any more
    }
  }

  /** @param {number} i */
  remove(i) {
    this.columns.get(i)?.section.remove();
    this.columns.delete(i);
    this.keep();
    this.on.left(i);
  }

  keep() {
    sessionStorage.setItem(KEY, JSON.stringify(this.keys()));
    this.box.hidden = !this.columns.size;
  }

  /** @param {number} n the first one beside is 2 */
  focus(n) {
    this.columns.get(this.keys()[n - 2])?.field.focus();
  }

  /** The words are on their way. @param {number} i */
  sent(i) {
    this.drafts.write(i, "text", "");
    const column = this.columns.get(i);
    if (column) column.field.value = "";
  }

  /** @param {number} i @param {string} text */
  back(i, text) {
    const { field } = this.columns.get(i);
    field.value = field.value.trim() ? `${text}\n\n${field.value}` : text;
    this.drafts.write(i, "text", field.value);
    field.focus();
  }

  /** Begun on another machine. @param {number} i @param {string[]} kinds */
  adopted(i, kinds) {
    if (this.has(i) && kinds.includes("text")) this.columns.get(i).field.value = this.drafts.read(i, "text");
  }

  /** @param {number} i */
  make(i) {
    const { texts } = this.setup;
    const name = h("h2", {});
    const turn = h("span", { class: "desk-turn" });
    const log = h("div", { class: "desk-log", role: "log", tabindex: "0" });
    const field = h("textarea", { rows: "2", maxlength: "10000" });
    field.value = this.drafts.read(i, "text");
    field.addEventListener("input", () => {
      this.drafts.write(i, "text", field.value);
      if (field.value) this.on.typing(i);
    });
    field.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.altKey) return;
      event.preventDefault();
      if (field.value.trim()) this.on.send(i, field.value.trim());
    });
    byKey(field);
    const section = h("section", { class: "desk-side", "data-i": i, hidden: true },
      h("header", {}, name, turn,
        h("button", { type: "button", class: "desk-icon", "aria-label": texts.side_open, title: texts.side_open, onclick: () => this.on.open(i) }, icon("open_in_full")),
        h("button", { type: "button", class: "desk-icon", "aria-label": texts.side_close, title: texts.side_close, onclick: () => this.remove(i) }, icon("close"))),
      log, h("div", { class: "desk-box" }, field));
    this.box.append(section);
    return { section, name, turn, log, field, shown: null };
  }

  /** @param {State} state @param {Map<number, number>} hues */
  render(state, hues) {
    for (const [i, column] of this.columns) {
      const [row, talk] = [state.rows[i], state.talks[i]];
      if (!row || !talk) continue;
      if (!isMine(state, row)) {
        this.remove(i);
        continue;
      }
      column.section.hidden = false;
      say(column.name, row.customer.name);
      column.section.setAttribute("aria-label", row.customer.name);
      column.log.setAttribute("aria-label", fill(this.setup.texts.log, { name: row.customer.name }));
      column.field.setAttribute("aria-label", fill(this.setup.texts.reply_to, { name: row.customer.addressed }));
      column.field.lang = row.language;
      paint(column.section, hues.get(i));
      showTurn(column.turn, row, this.setup);
      const key = `${talk.seq}:${(state.unsent[i] || []).map((one) => one.client_id + one.state).join()}`;
      if (column.shown === key) continue;
      column.shown = key;
      column.log.replaceChildren(
        ...talk.order.slice(-LINES).map((id) => this.line(talk.messages[id])),
        ...(state.unsent[i] || []).map((one) => h("article", { class: "desk-message same", "data-author": "agent", "data-kind": one.kind },
          h("div", { class: "desk-bubble", text: one.text }), h("p", { class: "desk-foot", text: this.setup.texts.sending }))));
      column.log.scrollTop = column.log.scrollHeight;
    }
  }

  /** @param {any} m */
  line(m) {
    if (m.kind === "event" || m.kind === "card") return "";
    return h("article", { class: "desk-message same", "data-author": m.author, "data-kind": m.kind },
      h("div", { class: "desk-bubble" }, ...(m.deleted ? [this.setup.texts.deleted] : m.author === "agent" ? marked(m.text) : linked(m.text))));
  }

  /** Once a second. @param {State} state */
  tick(state) {
    for (const [i, column] of this.columns) if (state.rows[i]) showTurn(column.turn, state.rows[i], this.setup);
  }
}
