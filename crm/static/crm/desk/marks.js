// @ts-check
/** Markdown, as far as it goes: the bar above the field, and how what was written is shown. A letter
 * knows all of it (the server makes its HTML); a chat knows **bold**, *italic*, `code` and addresses,
 * as the visitor's window does (chat/dom.js: linked). What customers write stays as they wrote it. */
import { byId, h, linked } from "./dom.js";

/** The same in both windows. */
const MARKED = /(https?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)\]]|\B\*+[^*\s][^*\n]*\*+|`[^`\n]+`)/;
/** @type {Record<string, string>} */
const KEYS = { b: "bold", i: "italic", e: "code" };

/** What a colleague wrote. @param {string} text @returns {(Node|string)[]} */
export function marked(text) {
  return text.split(MARKED).flatMap((part, i) => {
    if (i % 2 === 0) return part;
    if (part[0] === "h") return linked(part);
    return h(part[1] === "*" ? "strong" : part[0] === "*" ? "em" : "code", { text: part.replace(/[*`]/g, "") });
  });
}

/** What a mark is around, or before each line. @type {Record<string, [string, string] | string>} */
const MARKS = { bold: ["**", "**"], italic: ["*", "*"], code: ["`", "`"], list: "- ", numbers: "1. ", quote: "> " };

/** The words of the field with the mark put on, or taken off; what is selected then.
 * @param {string} mark @param {string} text @param {number} from @param {number} to
 * @returns {{from: number, to: number, text: string, select: [number, number]}} what is replaced, by what, and what of that is selected then */
export function put(mark, text, from, to) {
  const words = text.slice(from, to);
  const how = MARKS[mark];
  if (mark === "link") {
    const address = /^https?:\/\/\S+$/.test(words);
    const whole = address ? `[](${words})` : `[${words}](https://)`;
    return { from, to, text: whole, select: address || !words ? [1, 1] : [whole.length - 9, whole.length - 1] };
  }
  if (typeof how === "string") {
    const start = text.lastIndexOf("\n", from - 1) + 1;
    const lines = text.slice(start, to).split("\n");
    const is = mark === "numbers" ? /^\d+\. / : how === "- " ? /^- / : /^> /;
    const on = lines.every((line) => is.test(line));
    const bare = lines.map((line) => line.replace(/^(- |> |\d+\. )/, ""));
    const whole = bare.map((line, n) => (on ? "" : mark === "numbers" ? `${n + 1}. ` : how) + line).join("\n");
    return { from: start, to, text: whole, select: [whole.length, whole.length] };
  }
  const [open, end] = how;
  const around = from >= open.length && text.slice(from - open.length, from) === open && text.startsWith(end, to);
  if (around) return { from: from - open.length, to: to + end.length, text: words, select: [0, words.length] };
  // the mark's end is passed, as a second quotation mark is
  if (from === to && text.startsWith(end, to) && text.slice(0, from).includes(open)) return { from, to, text: "", select: [end.length, end.length] };
  return { from, to, text: open + words + end, select: [open.length, open.length + words.length] };
}

/** @param {string} mark @param {HTMLTextAreaElement} field */
function apply(mark, field) {
  const { from, to, text, select } = put(mark, field.value, field.selectionStart, field.selectionEnd);
  field.focus();
  field.setSelectionRange(from, to);
  // as if typed: the browser's own undo takes it back
  if (!document.execCommand("insertText", false, text)) {
    field.setRangeText(text, from, to);
    field.dispatchEvent(new Event("input"));
  }
  field.setSelectionRange(from + select[0], from + select[1]);
}

/** The marks' keys in a field. @param {HTMLTextAreaElement} field @param {() => boolean} [may] */
export function byKey(field, may = () => true) {
  field.addEventListener("keydown", (event) => {
    const mark = KEYS[event.key.toLowerCase()];
    if (!mark || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || !may()) return;
    event.preventDefault();
    apply(mark, field);
  });
}

/** The bar above the field. */
export class Marks {
  /** @param {import("./composer.js").Composer} composer */
  constructor(composer) {
    this.field = composer.field;
    this.bar = byId("desk-marks");
    const opens = byId("desk-marks-open");
    opens.addEventListener("click", () => opens.setAttribute("aria-expanded", String(this.bar.toggleAttribute("data-open"))));
    this.bar.addEventListener("click", (/** @type {MouseEvent} */ event) => {
      const button = /** @type {HTMLElement} */ (event.target).closest("button");
      if (button) apply(button.dataset.mark || "", this.field);
      this.told();
    });
    this.bar.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => this.walk(event));
    byKey(this.field, () => composer.mayHelp());
    document.addEventListener("selectionchange", () => document.activeElement === this.field && this.told());
  }

  /** A toolbar is one stop of Tab; arrows go through it. @param {KeyboardEvent} event */
  walk(event) {
    const way = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!way) return;
    const all = [...this.bar.querySelectorAll("button:not([hidden])")];
    const next = all[(all.indexOf(document.activeElement) + way + all.length) % all.length];
    for (const one of all) one.tabIndex = one === next ? 0 : -1;
    next.focus();
    event.preventDefault();
  }

  /** Which marks are around the cursor. */
  told() {
    const { value, selectionStart, selectionEnd } = this.field;
    const before = value.slice(value.lastIndexOf("\n", selectionStart - 1) + 1, selectionStart);
    const after = value.slice(selectionEnd).split("\n", 1)[0];
    for (const button of this.bar.querySelectorAll("[aria-pressed]")) {
      const open = MARKS[button.dataset.mark][0];
      const alone = (/** @type {string} */ text) => (open === "*" ? text.replaceAll("**", "") : text);
      const on = alone(before).split(open).length % 2 === 0 && alone(after).includes(open);
      button.setAttribute("aria-pressed", String(on));
    }
  }
}
