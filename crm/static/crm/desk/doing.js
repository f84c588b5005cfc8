// @ts-check
/** What an agent does with the open exchange: the toolbar's buttons, and the keys that press them. */
import { block } from "./blocking.js";
import { close, proposals } from "./closing.js";
import * as dialogs from "./dialogs.js";
import { newKey } from "../unsent.js";
import { byId, fill, toast } from "./dom.js";
import * as handing from "./handing.js";
import { hard } from "./hard.js";
import { isMine } from "./order.js";
import * as regrouping from "./regrouping.js";

/** After these, the next one. */
const FINISHES = ["close", "transfer", "wait", "snooze", "go_on", "spam", "hard_end"];

export class Doing {
  /**
   * @param {any} setup
   * @param {import("./api.js").Api} api
   * @param {{state: () => any, current: () => number | null, change: (event: any) => void, open: (i: number) => any,
   *   again: () => any, onward: (i: number) => void, failed: (error: unknown) => void, settle: () => void,
   *   said: (i: number, kind: string, text: string) => void, closed: (i: number, name: string) => void}} desk
   */
  constructor(setup, api, desk) {
    this.setup = setup;
    this.texts = setup.texts;
    this.api = api;
    this.desk = desk;
    /** @type {Record<string, () => any>} */
    this.buttons = {
      take: () => this.act("take").then(desk.again),
      wait: () => this.act("wait"),
      reopen: () => this.act("reopen").then(desk.again),
      close: () => this.withRow(async (row) => close(setup, row, await proposals(api, row.i), (fields) =>
        this.act("close", fields, fields.outcome === "solved" ? this.texts.done_close : this.texts.done_close_plain))),
      transfer: () => this.withRow((row) => dialogs.transfer(setup, desk.state(), row, (fields) => this.act("transfer", fields))),
      complain: () => this.withRow((row) => dialogs.complain(setup, desk.state(), row, (fields) =>
        this.act("complain", fields, row.complaint ? this.texts.done_complaint : this.texts.done_complain).then(desk.again))),
      goon: () => this.withRow((row) => this.goOn(row)),
      join: () => this.withRow((row) => handing.join(setup, desk.state(), row, (fields) => this.act("join", fields))),
      block: () => this.withRow((row) => block(setup, row, (fields) => this.act("supervise/block", fields, this.texts.done_block).then(desk.again))),
      part: () => this.act("part"),
      takeover: () => this.act("supervise/take_over", {}, this.texts.done_takeover).then(desk.again),
      alone: () => this.act("part", {}, this.texts.done_alone),
      prolong: () => this.act("prolong"),
      moment: () => this.act("moment", { client_id: newKey() }),
      abuse: () => this.withRow((row) => this.hard(row, "abuse")),
      distress: () => this.withRow((row) => this.hard(row, "distress")),
      fraud: () => this.withRow((row) => this.hard(row, "fraud")),
      macro: () => this.withRow((row) => this.macro(row)),
      regroup: () => this.withRow((row) => regrouping.regroup(setup, row, desk.state().talks[row.i]?.letter?.others || [],
        (verb, fields) => this.regroup(verb, fields))),
      spam: () => this.act("spam"),
      snooze: () => this.withRow((row) => dialogs.snooze(setup, row, (fields) => this.act("snooze", fields))),
    };
    this.begin();
  }

  begin() {
    const more = byId("desk-more");
    for (const button of document.querySelectorAll("[data-do]")) {
      const name = /** @type {HTMLElement} */ (button).dataset.do || "";
      button.addEventListener("click", () => {
        more.open = false;
        this.run(name);
      });
    }
    document.getElementById("desk-next")?.addEventListener("click", () => this.next());
    more.addEventListener("focusout", (/** @type {FocusEvent} */ event) => {
      if (!more.contains(/** @type {Node|null} */ (event.relatedTarget))) more.open = false;
    });
    more.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== "Escape") return;
      more.open = false;
      more.querySelector("summary")?.focus();
    });
  }

  /** Only what the toolbar offers: whether it did. @param {string} name */
  press(name) {
    /** @type {HTMLElement|null} */
    const button = document.querySelector(`[data-do="${name}"]`);
    const offered = Boolean(button && !button.hidden && this.desk.current() !== null);
    if (offered) this.run(name);
    return offered;
  }

  /** @param {string} name */
  run(name) {
    this.desk.settle();
    Promise.resolve(this.buttons[name]()).catch(this.desk.failed);
  }

  /** @param {(row: any) => any} work */
  withRow(work) {
    const i = this.desk.current();
    const row = i === null ? null : this.desk.state().rows[i];
    return row ? work(row) : null;
  }

  /** Refused, it throws: a dialog stays open with the words. @param {string} verb @param {Record<string, any>} fields @param {string} [done] */
  async act(verb, fields = {}, done = this.texts[`done_${verb}`]) {
    const i = this.desk.current();
    if (i === null) return;
    const name = this.desk.state().rows[i]?.customer.name || "";
    const answer = await this.api.post(`${i}/${verb}/`, fields);
    if (answer.row) this.desk.change({ t: "rows", rows: [answer.row] });
    else this.desk.change({ t: "rows", rows: [], gone: [i] });
    toast(done);
    if (answer.pulse) this.desk.closed(i, name);
    if (FINISHES.includes(verb) || done === this.texts.done_part) this.desk.onward(i);
  }

  /** To the colleague who has it. @param {number} i @param {string} text */
  async whisper(i, text) {
    try {
      await this.api.post(`${i}/supervise/whisper/`, { text });
      this.desk.said(i, "whisper", text);
      toast(this.texts.done_whisper);
    } catch (error) {
      this.desk.failed(error);
    }
  }

  /** What was whispered to me there is read. @param {number} i */
  async heard(i) {
    const { row } = await this.api.post(`${i}/heard/`, {});
    this.desk.change({ t: "rows", rows: [row] });
  }

  /** Merged or split off, it goes on there. @param {string} verb @param {Record<string, any>} fields */
  async regroup(verb, fields) {
    const { to } = await this.api.post(`${this.desk.current()}/${verb}/`, fields);
    toast(this.texts[`done_${verb}`]);
    return to ? this.desk.open(to) : this.desk.again();
  }

  /** What is done with one letter. @param {string} verb @param {any} m */
  letter(verb, m) {
    if (verb === "send_again") return void this.act(verb, { message: m.id }).catch(this.desk.failed);
    this.withRow((row) => verb === "forward"
      ? regrouping.forward(row, m.id, Boolean(m.body.files), (fields) => this.act(verb, fields))
      : regrouping.split(row, m, (fields) => this.regroup(verb, fields)));
  }

  /** @param {any} row @param {string} kind */
  async hard(row, kind) {
    const { sheets } = await this.api.get(`${row.i}/part/hard/`);
    hard(this.setup, row, kind, sheets[kind], (verb, fields) => this.act(verb, fields));
  }

  /** @param {any} row */
  async macro(row) {
    const { macros } = await this.api.get(`${row.i}/part/macros/`);
    if (!macros.length) return toast(this.texts.no_macros);
    dialogs.macro(row, macros, async (fields, name) => {
      await this.act("macro", { ...fields, client_id: newKey() }, fill(this.texts.done_macro, { name }));
      const now = this.desk.state().rows[row.i];
      if (!now || !isMine(this.desk.state(), now)) this.desk.onward(row.i);
    });
  }

  /** @param {any} row */
  async goOn(row) {
    const ask = async (/** @type {string} */ subject) => (await this.api.get(`${row.i}/part/ways/?subject=${subject}`)).ways;
    const ways = await ask(row.subject?.id || "");
    handing.goOn(this.setup, row, ways, ask, (fields) => this.act("go_on", fields));
  }

  /** "Next, please": the first in my queues, in my hands and open. */
  async next() {
    try {
      const { row, i } = await this.api.post("next/", {});
      this.desk.change({ t: "rows", rows: [row] });
      this.desk.open(i);
    } catch (error) {
      this.desk.failed(error);
    }
  }
}
