// @ts-check
/** The left pane: my exchanges and who waits, keyed by interaction, never jumping under the mouse. */
import { byId, fill, h, icon, say } from "./dom.js";
import { isMine, listed, turn, waitingSince } from "./order.js";
import * as time from "./time.js";

/** @typedef {import("./shape.js").State} State @typedef {import("./shape.js").Row} Row */

const LATE = [120, 60, 30];

export class List {
  /** @param {any} setup @param {(i: number) => void} open */
  constructor(setup, open) {
    this.setup = setup;
    this.open = open;
    this.pane = byId("desk-list");
    /** @type {Map<number, {row: Row, element: HTMLElement, parts: any, current: boolean}>} */
    this.shown = new Map();
    /** @type {State | null} */
    this.state = null;
    /** @type {number | null} */
    this.current = null;
    this.held = false;
    this.pane.addEventListener("pointerenter", () => (this.held = true));
    this.pane.addEventListener("pointerleave", () => this.release());
    this.pane.addEventListener("focusout", () => queueMicrotask(() => this.release()));
  }

  /** Rows may move now. */
  release() {
    this.held = this.pane.matches(":hover");
    if (!this.isHeld() && this.state) this.render(this.state, this.current);
  }

  isHeld() {
    return this.held || this.pane.contains(document.activeElement);
  }

  /** @param {State} state @param {number|null} current */
  render(state, current) {
    this.state = state;
    this.current = current;
    const { mine, waiting, named } = listed(state);
    const gone = new Set(this.shown.keys());
    byId("desk-named-head").hidden = !named.length;
    this.section("named", named, gone);
    this.section("mine", mine, gone);
    this.section("waiting", waiting, gone);
    for (const key of gone) {
      this.shown.get(key)?.element.remove();
      this.shown.delete(key);
    }
  }

  /** The rows in the order in which the eye meets them. @returns {number[]} */
  order() {
    return [...this.pane.querySelectorAll("[data-i]")].map((element) => Number(element.dataset.i));
  }

  /** @param {"named"|"mine"|"waiting"} name @param {Row[]} rows @param {Set<number>} gone */
  section(name, rows, gone) {
    const list = byId(`desk-${name}`);
    say(byId(`desk-${name}-count`), rows.length ? String(rows.length) : "");
    if (name !== "named") {
      const empty = byId(`desk-${name}-empty`);
      empty.hidden = rows.length > 0;
      say(empty, this.setup.texts[`${name}_empty`]);
    }
    const items = rows.map((row) => {
      gone.delete(row.i);
      return this.item(row);
    });
    if (this.isHeld()) {
      for (const item of items) if (item.parentElement !== list) list.append(item);
      return;
    }
    items.forEach((item, place) => {
      if (list.children[place] !== item) list.insertBefore(item, list.children[place] || null);
    });
  }

  /** @param {Row} row @returns {HTMLElement} */
  item(row) {
    const current = row.i === this.current;
    const known = this.shown.get(row.i);
    if (known && known.row === row && known.current === current) return known.element;
    const entry = known || this.make(row);
    entry.row = row;
    entry.current = current;
    this.fill(entry);
    return entry.element;
  }

  /** @param {Row} row */
  make(row) {
    const channel = this.setup.channels[row.channel] || { icon: "forum", label: row.channel };
    const parts = {
      name: h("b"), simulated: simulated(this.setup.texts.simulated), turn: h("span", { class: "desk-turn" }),
      unread: h("span", { class: "desk-unread" }), flag: h("span", { class: "desk-flag" }), words: h("span"), due: h("span", { class: "desk-due" }),
    };
    const button = h("button", { type: "button", class: "desk-row", "data-i": row.i, onclick: () => this.open(row.i) },
      icon(channel.icon),
      h("span", { class: "desk-row-name" }, parts.name, parts.simulated),
      h("span", { class: "desk-row-end" }, parts.flag, parts.unread, parts.turn),
      h("span", { class: "desk-row-line" }, h("i", { text: channel.label }), " · ", parts.words), parts.due);
    const entry = { row, element: h("li", {}, button), parts: { ...parts, button }, current: false };
    this.shown.set(row.i, entry);
    return entry;
  }

  /** @param {any} entry */
  fill({ row, parts, current }) {
    const { texts } = this.setup;
    say(parts.name, row.customer.name);
    parts.simulated.hidden = !row.customer.simulated;
    parts.button.toggleAttribute("data-unread", row.unread.length > 0);
    if (current) parts.button.setAttribute("aria-current", "true");
    else parts.button.removeAttribute("aria-current");
    const flag = row.whispers.length ? "whispered" : row.named.length ? "named" : "";
    parts.flag.hidden = !flag;
    say(parts.flag, flag === "named" ? "@" : flag ? "…" : "");
    parts.flag.setAttribute("title", flag ? fill(texts[flag], { name: row.named[0] || row.whispers[0]?.name }) : "");
    parts.unread.hidden = row.unread.length === 0;
    parts.unread.textContent = String(row.unread.length);
    parts.unread.setAttribute("title", fill(texts.unread, { n: row.unread.length }));
    say(parts.words, lineOf(row, texts));
    this.tickOne({ row, parts });
  }

  /** Once a second: only the words that count. */
  tick() {
    for (const entry of this.shown.values()) this.tickOne(entry);
  }

  /** @param {any} entry */
  tickOne({ row, parts }) {
    showTurn(parts.turn, row, this.setup);
    showDue(parts.due, row, this.setup);
  }
}

/** The mark of a demo's simulated people, as narrow as a row wants it. @param {string} words */
function simulated(words) {
  return h("span", { class: "desk-simulated", title: words }, icon("smart_toy"), h("span", { class: "sr-only", text: words }));
}

/** @param {Row} row @param {Record<string, string>} texts */
function lineOf(row, texts) {
  const { line } = row;
  if (!line) return row.title || row.subject?.name || texts.no_title;
  const words = line.deleted ? texts.deleted : line.text;
  if (line.author === "customer") return words;
  return `${line.agent || texts.system} : ${words}`;
}

/** Whose turn, since when; on live channels late at 30, 60, 120 s. @param {HTMLElement} element @param {Row} row @param {any} setup */
export function showTurn(element, row, setup) {
  const whose = turn(row);
  if (row.promise && whose === "me") return showPromise(element, row, setup);
  const seconds = time.secondsSince(waitingSince(row));
  const { texts } = setup;
  const live = setup.channels[row.channel]?.live;
  const late = live && (whose === "me" || whose === "nobody")
    ? String(LATE.length - LATE.findIndex((limit) => seconds >= limit)) : "0";
  element.dataset.turn = whose;
  element.dataset.late = LATE.some((limit) => seconds >= limit) ? late : "0";
  const full = element.classList.contains("full");
  const words = {
    me: full ? texts.wait_me : texts.short_me,
    them: full ? texts.wait_them : texts.short_them,
    nobody: full ? texts.wait_nobody : texts.short_nobody,
    wrapup: row.wrap_until ? `${texts.wrap_up} · ${time.duration(Math.max(0, time.secondsUntil(row.wrap_until)))}` : texts.wrap_up,
    closed: texts.closed,
    snoozed: fill(full ? texts.snoozed : "{when}", { when: row.wake_at ? time.moment(row.wake_at) : "" }),
  }[whose];
  const counts = whose === "me" || whose === "nobody" || whose === "them";
  say(element, counts ? `${words} · ${time.duration(seconds)}` : words);
}

/** "One moment" was said: until when. @param {HTMLElement} element @param {Row} row @param {any} setup */
function showPromise(element, row, setup) {
  const left = time.secondsUntil(row.promise);
  element.dataset.turn = "me";
  element.dataset.late = left < 0 ? "3" : left < 30 ? "1" : "0";
  const clock = fill(left < 0 ? setup.texts.due_late : setup.texts.due_in, { time: time.duration(Math.abs(left)) });
  say(element, `${setup.texts.promised} ${clock}`);
}

/** What is due next, near its time and after it; in full always. @param {HTMLElement} element @param {Row} row @param {any} setup */
export function showDue(element, row, setup) {
  const { texts } = setup;
  const left = row.due && row.status !== "closed" ? time.secondsUntil(row.due.at) : null;
  const soon = left !== null && row.due.warn && time.secondsUntil(row.due.warn) <= 0;
  const full = element.classList.contains("full");
  element.hidden = left === null || !(full || soon || left < 0);
  if (left === null || element.hidden) return;
  element.dataset.due = left < 0 ? "late" : soon ? "soon" : "far";
  const words = fill(left < 0 ? texts.due_late : texts.due_in, { time: time.duration(Math.abs(left)) });
  const what = texts[`due_${row.due.kind}`];
  say(element, full ? `${what} ${words}` : words);
  element.title = `${what} ${words} · ${time.moment(row.due.at)}`;
}

/** Whoever has waited longest for me. @param {State} state @param {number|null} current @returns {number|null} */
export function longestWaiting(state, current) {
  const waiting = Object.values(state.rows).filter(
    (row) => isMine(state, row) && turn(row) === "me" && row.i !== current);
  waiting.sort((a, b) => (waitingSince(a) < waitingSince(b) ? -1 : 1));
  return waiting.length ? waiting[0].i : null;
}
