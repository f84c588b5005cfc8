// @ts-check
/** The wrong-window guard: each of my open exchanges has a colour of its own, and words that name
 * the customer of another one are asked about once before they leave. */
import { fold } from "../hints.js";
import { isMine } from "./order.js";

/** @typedef {import("./shape.js").State} State @typedef {import("./shape.js").Row} Row */

const HUES = 6;

export class Guard {
  constructor() {
    /** @type {Map<number, number>} */
    this.hues = new Map();
    /** Addresses and numbers of the customers seen on this page. @type {Map<number, string[]>} */
    this.numbers = new Map();
    this.asked = "";
  }

  /** @param {State} state */
  render(state) {
    const mine = new Set(Object.values(state.rows).filter((row) => isMine(state, row)).map((row) => row.i));
    for (const i of this.hues.keys()) if (!mine.has(i)) this.hues.delete(i);
    for (const i of [...mine].sort((a, b) => a - b)) {
      if (this.hues.has(i)) continue;
      const used = new Set(this.hues.values());
      this.hues.set(i, [...Array(HUES).keys()].find((hue) => !used.has(hue)) ?? i % HUES);
    }
    for (const [i, talk] of Object.entries(state.talks)) {
      this.numbers.set(Number(i), talk.customer.identities.map((/** @type {any} */ one) => squeezed(one.value)));
    }
    for (const element of document.querySelectorAll("[data-i]")) {
      paint(/** @type {HTMLElement} */ (element), this.hues.get(Number(/** @type {HTMLElement} */ (element).dataset.i)));
    }
  }

  /** Whom else these words name; null when nobody, or when they were asked about already.
   * @param {State} state @param {number} i @param {string} text @returns {Row|null} */
  wrong(state, i, text) {
    const found = Object.values(state.rows).find((row) => row.i !== i && isMine(state, row) &&
      row.customer.id !== state.rows[i]?.customer.id && names(text, row, state.rows[i], this.numbers.get(row.i) || []));
    const key = `${i}:${text}`;
    if (!found || this.asked === key) return null;
    this.asked = key;
    return found;
  }
}

/** @param {HTMLElement} element @param {number|undefined} hue */
export function paint(element, hue) {
  if (hue === undefined) delete element.dataset.hue;
  else element.dataset.hue = String(hue);
}

/** @param {string} text @param {Row} row @param {Row|undefined} here @param {string[]} numbers */
export function names(text, row, here, numbers) {
  if (text.includes(row.ref)) return true;
  const words = fold(text).split(/[^a-z0-9]+/);
  const last = fold(row.customer.name).split(/[^a-z0-9]+/).filter(Boolean).pop() || "";
  const own = fold(here?.customer.name || "").split(/[^a-z0-9]+/);
  if (last.length > 2 && !own.includes(last) && words.includes(last)) return true;
  const tight = squeezed(text);
  return numbers.some((number) => number.length > 5 && tight.includes(number));
}

/** A number however it is written: +33 1 99… and 01 99… are one. @param {string} text */
function squeezed(text) {
  return text.toLowerCase().replace(/[\s.()\u00a0\u202f-]+/g, "").replace(/\+33(?=\d{9})/g, "0");
}
