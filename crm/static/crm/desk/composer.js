// @ts-check
/** The field: whom it goes to, drafts that survive, notes, and the send keys. */
import { byId, fill, say } from "./dom.js";
import { isMine } from "./order.js";

/** @typedef {import("./shape.js").State} State */

export class Composer {
  /** @param {any} setup @param {{send: (i: number, text: string, kind: string, then: string, personal: boolean) => void, typing: (i: number) => void, undo: (i: number) => boolean}} on */
  constructor(setup, on) {
    this.setup = setup;
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
    if (event.ctrlKey || event.metaKey || (this.live && this.mode === "text") || this.mode === "note") {
      event.preventDefault();
      this.submit("");
    }
  }

  changed() {
    if (this.i === null) return;
    this.keep();
    if (this.mode === "text" && this.live && this.field.value) this.on.typing(this.i);
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
    localStorage.removeItem(key(i, kind));
    if (this.i === i && this.mode === kind) {
      this.field.value = "";
      this.mark(false);
    }
  }

  /** Words that come back: under what is in the field already. @param {number} i @param {string} text */
  back(i, text) {
    const now = this.i === i && this.mode === "text" ? this.field.value : localStorage.getItem(key(i, "text")) || "";
    const whole = now.trim() ? `${text}\n\n${now}` : text;
    if (this.i === i && this.mode === "text") {
      this.field.value = whole;
      this.keep();
      this.field.focus();
    } else localStorage.setItem(key(i, "text"), whole);
  }

  /** Into the field, where the cursor is. @param {string} text */
  insert(text) {
    this.field.setRangeText(text, this.field.selectionStart, this.field.selectionEnd, "end");
    this.changed();
    this.field.focus();
  }

  keep() {
    if (this.i === null) return;
    try {
      if (this.field.value) localStorage.setItem(key(this.i, this.mode), this.field.value);
      else localStorage.removeItem(key(this.i, this.mode));
    } catch {
      // no room: the field itself still has it
    }
  }

  /** Turn to replying or to a note, and into the field. @param {string} mode */
  write(mode) {
    if (this.form.hidden) return;
    if (mode === "text" && !this.mayReply) mode = "note";
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
    this.field.value = this.i === null ? "" : localStorage.getItem(key(this.i, mode)) || "";
    this.words();
  }

  /** What belongs to an answer only. */
  tools() {
    const answers = this.mayReply && this.mode === "text";
    this.personal.hidden = byId("desk-replies").hidden = !answers;
    byId("desk-attach").hidden = !this.mayAttach();
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
    const note = this.mode === "note";
    const name = this.row?.customer.addressed || "";
    say(byId("desk-label"), fill(note ? texts.note_about : texts.reply_to, { name }));
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
    this.form.hidden = !agent;
    const hint = !agent ? texts.read_only
      : mine ? ""
        : row.status === "closed" ? texts.hint_closed
          : row.agent ? fill(texts.hint_theirs, { name: row.agent.name }) : texts.hint_take;
    byId("desk-hint").hidden = !hint;
    say(byId("desk-hint"), hint);
    this.form.querySelector('[data-mode="text"]').hidden = !mine;
    this.tools();
    this.field.lang = row.language;
    const wanted = mine ? this.mode : "note";
    const came = mine && !this.wasMine && !this.field.value;
    this.wasMine = mine;
    if (this.i !== i || came) {
      if (this.i !== i) this.personal.setAttribute("aria-pressed", "false");
      this.i = i;
      this.turn(mine ? "text" : "note");
    } else if (wanted !== this.mode) this.turn(wanted);
    else this.words();
  }
}

/** @param {number} i @param {string} kind */
function key(i, kind) {
  return `bravo.draft.${i}.${kind}`;
}
