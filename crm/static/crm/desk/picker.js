// @ts-check
/** A list that opens while one types after a sign: arrows choose, Enter or Tab puts it in, Escape
 * leaves it. The field keeps the focus. */
import { fold } from "../hints.js";
import { byId, fill, h, say } from "./dom.js";

/** @typedef {{id: number, name: string, shortcut: string, text: string}} Choice */

const MOST = 8;

export class Picker {
  /**
   * @param {any} setup @param {string} sign
   * @param {{label?: string, choices: () => Promise<Choice[]>, chosen: (choice: Choice, from: number, to: number) => void}} source
   */
  constructor(setup, sign, source) {
    this.setup = setup;
    this.sign = sign;
    this.source = source;
    this.field = byId("desk-field");
    this.list = byId("desk-picker");
    /** @type {Choice[]} */
    this.shown = [];
    this.at = 0;
    this.from = 0;
    this.asked = 0;
    this.left = "";
    for (const kind of ["input", "click"]) this.field.addEventListener(kind, () => this.look());
    this.field.addEventListener("blur", () => this.close());
    // before the field's own keys
    byId("desk-write").addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => this.key(event), true);
    this.list.addEventListener("pointerdown", (/** @type {Event} */ event) => event.preventDefault());
  }

  isOpen() {
    return !this.list.hidden && this.list.dataset.sign === this.sign;
  }

  /** What is typed after the sign, from where; null when nothing is. */
  typed() {
    const { value, selectionStart, selectionEnd } = this.field;
    if (selectionStart !== selectionEnd) return null;
    const line = value.slice(0, selectionStart).split("\n").pop();
    const at = line.lastIndexOf(this.sign);
    if (at < 0 || (at > 0 && !/\s/.test(line[at - 1])) || line.length - at > 40) return null;
    return { from: selectionStart - line.length + at, words: line.slice(at + 1) };
  }

  async look() {
    const typed = this.typed();
    if (!typed || this.left === this.field.value) return this.close();
    const mine = (this.asked += 1);
    const found = matching(await this.source.choices(), typed.words).slice(0, MOST);
    if (mine !== this.asked || document.activeElement !== this.field) return;
    if (!found.length) return this.close();
    this.shown = found;
    this.from = typed.from;
    this.at = 0;
    this.draw();
  }

  draw() {
    const { list, field } = this;
    list.dataset.sign = this.sign;
    list.setAttribute("aria-label", this.source.label || this.setup.texts.replies);
    list.replaceChildren(...this.shown.map((one, n) => h("li", {
      id: `desk-choice-${n}`, role: "option", "aria-selected": String(n === this.at),
      onclick: () => this.choose(n),
    }, h("b", { text: one.name }), one.shortcut && h("kbd", { text: this.sign + one.shortcut }), one.text && h("span", { text: one.text }))));
    list.hidden = false;
    list.children[this.at]?.scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-controls", list.id);
    field.setAttribute("aria-activedescendant", `desk-choice-${this.at}`);
    say(byId("desk-picker-count"), fill(this.setup.texts.choices, { n: this.shown.length }));
  }

  close() {
    this.asked += 1;
    if (!this.isOpen()) return;
    this.list.hidden = true;
    this.field.removeAttribute("aria-activedescendant");
    this.field.removeAttribute("aria-controls");
    say(byId("desk-picker-count"), "");
  }

  /** @param {number} n */
  choose(n) {
    this.close();
    this.source.chosen(this.shown[n], this.from, this.field.selectionStart);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (!this.isOpen() || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      this.at = (this.at + step + this.shown.length) % this.shown.length;
      this.draw();
    } else if (event.key === "Enter" || (event.key === "Tab" && !event.shiftKey)) {
      this.choose(this.at);
    } else if (event.key === "Escape") {
      this.left = this.field.value; // the same words do not open it again
      this.close();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

/** By shortcut, then by the words of the name, then by what it says. @param {Choice[]} choices @param {string} words */
export function matching(choices, words) {
  const asked = fold(words).trim();
  if (!asked) return choices;
  const rank = (/** @type {Choice} */ one) => {
    const name = fold(one.name);
    if (one.shortcut.startsWith(asked)) return 0;
    if (name.startsWith(asked)) return 1;
    if (name.split(/[^a-z0-9]+/).some((word) => word.startsWith(asked))) return 2;
    return asked.length > 2 && fold(one.text).includes(asked) ? 3 : 9;
  };
  return choices.map((one) => ({ one, rank: rank(one) })).filter(({ rank }) => rank < 9)
    .sort((a, b) => a.rank - b.rank).map(({ one }) => one);
}
