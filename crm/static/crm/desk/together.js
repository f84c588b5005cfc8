// @ts-check
/** Colleagues in the open exchange: who else looks or writes, what a lead whispers, and who answered
 * while I was writing. Who is there is never stored: it is said again, or forgotten. */
import { ask } from "./dialogs.js";
import { byId, fill, h, icon, say, toast } from "./dom.js";
import { Picker } from "./picker.js";
import * as time from "./time.js";

/** @typedef {import("./shape.js").State} State @typedef {import("./shape.js").Talk} Talk */

const AGAIN = 10000;
const FORGOTTEN = 25000;
const WRITING = 5000;

export class Together {
  /**
   * @param {any} setup
   * @param {{current: () => number|null, send: (frame: any) => any, heard: (i: number) => void}} desk
   * @param {import("./composer.js").Composer} composer
   */
  constructor(setup, desk, composer) {
    this.setup = setup;
    this.desk = desk;
    this.composer = composer;
    /** interaction → user → who. @type {Map<number, Map<number, {name: string, writing: boolean, until: number}>>} */
    this.there = new Map();
    this.wrote = 0;
    this.whispers = "";
    setInterval(() => this.look(), AGAIN);
    document.addEventListener("visibilitychange", () => this.look());
    composer.field.addEventListener("input", () => {
      const begins = Date.now() - this.wrote > WRITING;
      this.wrote = Date.now();
      if (begins) this.look();
    });
    byId("desk-heard").addEventListener("click", () => this.heard());
    new Picker(setup, "@", {
      label: setup.texts.colleagues,
      choices: async () => composer.mode === "note" ? setup.colleagues.map((/** @type {any} */ one) => ({
        id: one.id, name: one.name, shortcut: "", text: "",
      })) : [],
      chosen: (one, from, to) => {
        composer.field.setSelectionRange(from, to);
        composer.insert(`@${one.name} `);
      },
    });
  }

  /** This is on my screen. */
  look() {
    const i = this.desk.current();
    if (i === null || document.hidden) return;
    this.desk.send({ t: "look", i, writing: Boolean(this.composer.field.value) && Date.now() - this.wrote < WRITING });
  }

  /** @param {any} frame */
  hear(frame) {
    if (frame.t === "since" && frame.i === this.desk.current()) this.look();
    if (frame.t !== "look" || frame.user === this.setup.me.user) return;
    const here = this.there.get(frame.i) || new Map();
    this.there.set(frame.i, here);
    const known = here.has(frame.user);
    if (frame.gone) here.delete(frame.user);
    else here.set(frame.user, { name: frame.name, writing: frame.writing, until: Date.now() + FORGOTTEN });
    if (!known && !frame.gone && frame.i === this.desk.current()) this.look();
  }

  /** @param {State} state @param {number|null} i */
  render(state, i) {
    const { texts } = this.setup;
    const here = [...(this.there.get(i ?? 0)?.values() || [])].filter((one) => one.until > Date.now());
    const words = (/** @type {boolean} */ writing) => {
      const names = here.filter((one) => Boolean(one.writing) === writing).map((one) => one.name);
      return names.length ? fill(writing ? texts.beside_writes : texts.beside_looks, { names: names.join(", ") }) : "";
    };
    say(byId("desk-beside-words"), [words(true), words(false)].filter(Boolean).join(" · "));
    byId("desk-beside").hidden = !here.length;
    this.whispered(i === null ? [] : state.rows[i]?.whispers || []);
  }

  /** @param {{id: number, name: string, text: string}[]} whispers */
  whispered(whispers) {
    const key = whispers.map((one) => one.id).join();
    if (key === this.whispers) return;
    this.whispers = key;
    byId("desk-whispers").hidden = !whispers.length;
    byId("desk-whispers-list").replaceChildren(...whispers.map((one) =>
      h("li", {}, icon("hearing"), h("span", {}, h("b", { text: fill(this.setup.texts.whispered, { name: one.name }) }), ` ${one.text}`))));
  }

  /** What was whispered here has been read. */
  heard() {
    const i = this.desk.current();
    if (i !== null && this.whispers) this.desk.heard(i);
  }
}

/** A colleague's answer that came after these words were begun. @param {State} state @param {number} i @param {number|undefined} begun */
export function faster(state, i, begun) {
  const talk = state.talks[i];
  if (!talk || begun === undefined) return null;
  const id = talk.order.findLast((one) => {
    const m = talk.messages[one];
    return m.author === "agent" && m.kind === "text" && !m.deleted && !m.body.auto && m.agent?.id !== state.me.id && talk.seqs[one] > begun;
  });
  return id === undefined ? null : talk.messages[id];
}

/** "Carl answered 20 s ago": read it first, or send anyway. @param {any} setup @param {any} row @param {any} m @param {() => void} anyway */
export function readFirst(setup, row, m, anyway) {
  const dialog = ask("answered", row.customer.name, () => ({}), async () => anyway());
  say(dialog.querySelector("[data-what]"), fill(setup.texts.answered_first, { name: m.agent?.name || setup.texts.system, time: time.duration(time.secondsSince(m.at)) }));
  say(dialog.querySelector("[data-said]"), m.text);
  dialog.querySelector("[data-cancel]").focus();
}

/** What a colleague did that concerns me. @param {any} setup @param {State} state @param {any} event */
export function tellOf(setup, state, event) {
  const words = { mention: "named_toast", whisper: "whisper_toast", taken: "taken_toast", hard: "hard_toast" }[/** @type {string} */ (event.t)];
  if (!words) return "";
  const text = fill(setup.texts[words], { name: event.name, kind: setup.texts[`hard_${event.moment}`], customer: state.rows[event.i]?.customer.name || setup.texts.an_exchange });
  toast(text);
  return text;
}
