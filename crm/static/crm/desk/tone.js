// @ts-check
/** Hints while an agent writes, by the queue's guide. They never block, and nothing of them leaves
 * this page. */
import { fold } from "../hints.js";
import { byId, fill, h } from "./dom.js";

const AFTER = 500; // ms without a key
const MOST = 2; // hints at once
const GREETING = /^(re )?(bonjour|bonsoir|madame|monsieur|chere?s? |hello|hi |dear |good (morning|afternoon|evening))/;
const CLOSING = /(cordialement|salutations|bien a vous|a bientot|bonne (journee|soiree|fin de|semaine)|belle (journee|soiree)|bon (week|apres)|regards|sincerely|faithfully|have a (good|nice|great)|all the best|thank you for your)/;
const TU = /(^|[^a-z'’-])(tu|toi|te|ton|ta|tes|t['’])(?=[^a-z]|$)/;

/**
 * @typedef {{greeting: boolean, name: boolean, formal: boolean, capitals: boolean, exclamations: number|null,
 *   words: number|null, closing: boolean, closings: Record<string, string>}} Guide
 * @typedef {{language: string, letter: boolean, first: boolean, name: string, hello: string}} Where
 */

/** What could be better, the first things first. @param {string} text @param {Guide} guide @param {Where} where
 * @returns {{code: string, example: string, found?: string, n?: number}[]} */
export function hints(text, guide, where) {
  const found = [];
  const words = fold(text).trim();
  const opens = (where.letter || where.first) && words.length >= 12;
  const english = where.language.startsWith("en");
  const greets = GREETING.test(words);
  const last = fold(where.name).split(/\s+/).pop() || "";
  if (opens && guide.greeting && !greets) found.push({ code: "greeting", example: `${where.hello} ${where.name},` });
  else if (opens && guide.name && last && !words.includes(last)) found.push({ code: "name", example: `${where.hello} ${where.name},` });
  const tu = !english && guide.formal && TU.exec(words);
  if (tu) found.push({ code: "formal", found: tu[2], example: { tu: "vous", toi: "vous", te: "vous", "t'": "vous", "t’": "vous", tes: "vos" }[tu[2]] || "votre" });
  const loud = guide.capitals && /(?:[\p{Lu}]{4,}[ '’-]+[\p{Lu}]{2,}|[\p{Lu}]{7,})/u.exec(text);
  if (loud) found.push({ code: "capitals", found: loud[0], example: loud[0].toLowerCase() });
  const marks = (text.match(/!/g) || []).length;
  if (guide.exclamations !== null && marks > guide.exclamations) found.push({ code: "exclamations", n: guide.exclamations, example: calm(text) });
  const long = guide.words !== null && text.split(/[.!?…:\n]+/).map((one) => one.trim().split(/\s+/)).find((one) => one.length > Number(guide.words));
  if (long) found.push({ code: "long", n: long.length, example: half(long) });
  const ends = where.letter && guide.closing && words.length >= 120;
  if (ends && !CLOSING.test(words.slice(-160))) found.push({ code: "closing", example: guide.closings[english ? "en" : "fr"] });
  return found;
}

/** The first sentence that shouts, without. @param {string} text */
function calm(text) {
  const [sentence] = /[^.!?\n]*!+/.exec(text) || [""];
  return `${sentence.replace(/[\s\u00a0]*!+$/, "").trim().slice(-60)}.`;
}

/** Where a long sentence may be cut. @param {string[]} words */
function half(words) {
  const middle = words.length / 2;
  const places = words.map((word, at) => ({ at: word.endsWith(",") || word.endsWith(";") ? at + 1 : /^(et|mais|car|donc|and|but|so|which|qui|que)$/i.test(word) ? at : -1 }))
    .filter(({ at }) => at > 3 && at < words.length - 3).map(({ at }) => at);
  const cut = places.sort((a, b) => Math.abs(a - middle) - Math.abs(b - middle))[0] || Math.floor(middle);
  return `${words.slice(Math.max(0, cut - 4), cut).join(" ").replace(/[,;]$/, "")}.`;
}

/** French signs take a no-break space before them; set by itself, not within links and times.
 * @param {string} text */
export function frenchSpaces(text) {
  return text.split(/(https?:\/\/\S+|`[^`]*`)/).map((part, n) => (n % 2 ? part : part
    .replace(/[ \u00a0\u202f]+([?!;:])(?=[\s?!]|$)/g, "\u00a0$1")
    .replace(/[ \u00a0\u202f]+»/g, "\u00a0»")
    .replace(/([\p{L}\p{N})%€»])([?!;])(?=\s|$|[?!])/gu, "$1\u00a0$2")
    .replace(/(\p{L})(:)(?=\s|$)/gu, "$1\u00a0$2")
    .replace(/«[ \u00a0\u202f]*/g, "«\u00a0"))).join("");
}

export class Tone {
  /** @param {any} setup @param {import("./composer.js").Composer} composer @param {(i: number) => boolean} first nothing said yet */
  constructor(setup, composer, first) {
    this.setup = setup;
    this.composer = composer;
    this.first = first;
    this.box = byId("desk-tone");
    this.timer = 0;
    /** @type {number|null} */
    this.i = null;
    composer.field.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = window.setTimeout(() => this.look(), AFTER);
    });
  }

  /** Another exchange, or the words have left. */
  render() {
    if (this.i !== this.composer.i || !this.composer.field.value) this.look();
  }

  look() {
    this.i = this.composer.i;
    const { i, row, mode, field, live } = this.composer;
    const queue = this.setup.queues.find((/** @type {any} */ one) => one.id === row?.queue?.id);
    const guide = mode === "text" && i !== null && row && queue?.tone;
    const evening = new Date().getHours() >= 18;
    const hello = row?.language.startsWith("en") ? (evening ? "Good evening" : "Hello") : evening ? "Bonsoir" : "Bonjour";
    const found = guide && row && i !== null ? hints(field.value, guide, {
      language: row.language, letter: !live, first: this.first(i), name: row.customer.addressed, hello,
    }) : [];
    const { texts } = this.setup;
    const said = found.slice(0, MOST).map((one) => fill(texts[`tone_${one.code}`], one));
    const now = said.join("\n");
    if (this.box.dataset.said === now) return;
    this.box.dataset.said = now;
    this.box.hidden = !now;
    this.box.replaceChildren(...said.map((text) => h("li", { text })));
  }
}
