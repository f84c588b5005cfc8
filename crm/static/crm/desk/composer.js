// @ts-check
/** The field: whom it goes to, drafts that survive, notes, and the send keys. */
import { byId, fill, say } from "./dom.js";
import { isMine } from "./order.js";

/** @typedef {import("./shape.js").State} State */

export class Composer {
  /** @param {any} setup @param {import("./drafts.js").Drafts} drafts @param {{send: (i: number, text: string, kind: string, then: string, personal: boolean) => void, typing: (i: number) => void, undo: (i: number) => boolean}} on */
  constructor(setup, drafts, on) {
    this.setup = setup;
    this.drafts = drafts;
    this.on = on;
    this.form = byId("desk-write");
    this.field = byId("desk-field");
    this.mode = "text";
    /** The line that is being said differently. */
    this.editing = 0;
    /** @type {number|null} */
    this.i = null;
    this.live = true;
    this.byLetter = false;
    this.wasMine = false;
    this.mayWhisper = false;
    /** What the screen had reached when the words in the field were begun. @type {Map<number, number>} */
    this.begun = new Map();
    this.seq = 0;
    this.form.addEventListener("submit", (/** @type {Event} */ event) => {
      event.preventDefault();
      this.submit("");
    });
    for (const button of this.form.querySelectorAll("[data-then]")) {
      button.addEventListener("click", () => this.submit(button.dataset.then || ""));
    }
    for (const button of this.form.querySelectorAll("[data-mode]")) {
      button.addEventListener("click", () => this.write(button.dataset.mode || "text"));
    }
    this.mayNote = true;
    this.personal = this.form.querySelector("[data-personal]");
    this.personal.addEventListener("click", () => this.mark(this.personal.getAttribute("aria-pressed") !== "true"));
    this.field.addEventListener("input", () => this.changed());
    this.field.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => this.key(event));
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const undo = event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey) && !this.field.value;
    if (undo && this.i !== null && this.on.undo(this.i)) event.preventDefault();
    if (event.key !== "Enter" || event.isComposing || event.shiftKey || event.altKey) return;
    if (event.ctrlKey || event.metaKey || (this.live && this.mode === "text") || this.mode !== "text") {
      event.preventDefault();
      this.submit("");
    }
  }

  changed() {
    if (this.i === null) return;
    this.keep();
    this.begins();
    if (this.mode === "text" && this.live && this.field.value) this.on.typing(this.i);
  }

  /** Whoever begins to answer has read so far. */
  begins() {
    if (this.i === null || this.mode !== "text") return;
    if (!this.field.value) this.begun.delete(this.i);
    else if (!this.begun.has(this.i)) this.begun.set(this.i, this.seq);
  }

  /** @param {string} then */
  submit(then) {
    const text = this.field.value.trim();
    if (!text || this.i === null) {
      this.field.focus();
      return;
    }
    const [i, kind] = [this.i, this.mode];
    this.on.send(i, text, kind, then, kind === "text" && this.personal.getAttribute("aria-pressed") === "true");
  }

  /** Only for the person's own eyes, from now on in this reply. @param {boolean} personal */
  mark(personal) {
    this.personal.setAttribute("aria-pressed", String(personal));
    this.field.focus();
  }

  /** One's last line, said differently. @param {{id: number, text: string}} m */
  reword(m) {
    this.write("text");
    this.field.value = m.text;
    this.editing = m.id;
  }

  /** The words are on their way. @param {number} i @param {string} kind */
  sent(i, kind) {
    this.drafts.write(i, kind, "");
    if (kind === "text") this.begun.delete(i);
    if (this.i === i && this.mode === kind) {
      this.field.value = "";
      this.mark(false);
    }
  }

  /** Words that come back: under what is in the field already. @param {number} i @param {string} text */
  back(i, text) {
    const now = this.drafts.read(i, "text");
    const whole = now.trim() ? `${text}\n\n${now}` : text;
    this.drafts.write(i, "text", whole);
    if (this.i === i && this.mode === "text") {
      this.field.value = whole;
      this.field.focus();
    }
  }

  /** Into the field, where the cursor is. @param {string} text */
  insert(text) {
    this.field.setRangeText(text, this.field.selectionStart, this.field.selectionEnd, "end");
    this.changed();
    this.field.focus();
  }

  keep() {
    if (this.i !== null) this.drafts.write(this.i, this.mode, this.field.value);
  }

  /** Begun on another machine. @param {number} i @param {string[]} kinds */
  adopted(i, kinds) {
    if (this.i === i && kinds.includes(this.mode)) this.turn(this.mode);
  }

  /** Turn to replying or to a note, and into the field. @param {string} mode */
  write(mode) {
    if (this.form.hidden) return;
    if (mode === "text" && !this.mayReply) mode = "note";
    if (mode === "note" && !this.mayNote) mode = "whisper";
    if (mode === "whisper" && !this.mayWhisper) return;
    this.turn(mode);
    this.field.focus();
  }

  /** @param {string} mode */
  turn(mode) {
    this.editing = 0;
    this.mode = mode;
    this.tools();
    this.form.dataset.mode = mode;
    for (const button of this.form.querySelectorAll("[data-mode]")) {
      button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
    }
    this.field.value = this.i === null ? "" : this.drafts.read(this.i, mode);
    this.begins();
    this.words();
  }

  /** What belongs to an answer only. */
  tools() {
    const answers = this.mayReply && this.mode === "text";
    this.personal.hidden = byId("desk-replies").hidden = !answers;
    byId("desk-attach").hidden = !this.mayAttach();
    byId("desk-marks").hidden = byId("desk-marks-open").hidden = !answers;
    for (const one of byId("desk-marks").querySelectorAll("[data-letter]")) one.hidden = this.live;
  }

  /** There is an answer to be written. */
  mayHelp() {
    return this.mayReply && this.mode === "text" && !this.form.hidden;
  }

  /** Files go out like lines where the socket delivers them, and along with a letter. */
  mayAttach() {
    return this.mayHelp() && (this.live || this.byLetter);
  }

  words() {
    const { texts } = this.setup;
    const note = this.mode !== "text";
    const name = (this.mode === "whisper" ? this.row?.agent?.name : this.row?.customer.addressed) || "";
    const label = /** @type {Record<string, string>} */ ({ note: texts.note_about, whisper: texts.whisper_to })[this.mode];
    say(byId("desk-label"), fill(label || texts.reply_to, { name }));
    say(byId("desk-keys"), note || this.live ? texts.hint_enter : texts.hint_ctrl);
    for (const button of this.form.querySelectorAll("[data-then]")) {
      button.hidden = note || this.live;
    }
  }

  /** @param {State} state @param {number|null} i */
  render(state, i) {
    const row = i === null ? null : state.rows[i];
    if (!row || i === null) {
      this.i = null;
      return;
    }
    const { texts, channels } = this.setup;
    const mine = isMine(state, row);
    this.row = row;
    this.mayReply = mine;
    this.live = Boolean(channels[row.channel]?.live);
    this.byLetter = Boolean(channels[row.channel]?.letters);
    const agent = state.me.id !== null;
    this.mayNote = agent;
    this.mayWhisper = state.me.leads && row.status !== "closed" && Boolean(row.agent) && row.agent.id !== state.me.id;
    this.seq = state.talks[i]?.seq || 0;
    this.form.hidden = !agent && !this.mayWhisper;
    const hint = !agent ? texts.read_only
      : mine ? ""
        : row.status === "closed" ? texts.hint_closed
          : row.agent ? fill(texts.hint_theirs, { name: row.agent.name }) : texts.hint_take;
    byId("desk-hint").hidden = !hint;
    say(byId("desk-hint"), hint);
    this.form.querySelector('[data-mode="text"]').hidden = !mine;
    this.form.querySelector('[data-mode="note"]').hidden = !agent;
    this.form.querySelector('[data-mode="whisper"]').hidden = !this.mayWhisper;
    this.tools();
    this.field.lang = row.language;
    const usual = mine ? "text" : agent ? "note" : "whisper";
    const may = this.mode === "text" ? mine : this.mode === "note" ? agent : this.mayWhisper;
    const wanted = may ? this.mode : usual;
    const came = mine && !this.wasMine && !this.field.value;
    this.wasMine = mine;
    if (this.i !== i || came) {
      if (this.i !== i) this.personal.setAttribute("aria-pressed", "false");
      this.i = i;
      this.turn(usual);
    } else if (wanted !== this.mode) this.turn(wanted);
    else this.words();
  }
}
