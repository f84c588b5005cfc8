// @ts-check
// The field in which a visitor writes, and how files come into it.

import { ICONS, make, round } from "./dom.js";

// a phone's keyboard has them all
const FACES = matchMedia("(pointer: coarse)").matches ? [] : [..."🙂😀😉😕😢👍🙏🎉"];

/**
 * A form whose field grows with its text; Enter sends, with Shift it is a new line.
 *
 * @param {any} config @param {(text: string) => void} send @param {() => void} typed
 */
export function composer({ texts, maxLine }, send, typed) {
  const field = make("textarea", { rows: 1, "aria-label": texts.field, placeholder: texts.field,
    maxLength: maxLine, enterKeyHint: "send" });
  const faces = make("div", { className: "faces", hidden: true }, ...FACES.map((one) => make("button", { textContent: one, onclick: () => put(one) })));
  const form = make("form", {}, round(texts.emoji, ICONS.smile, () => (faces.hidden = !faces.hidden)), faces, field, round(texts.send, ICONS.send));
  /** @param {string} one */
  const put = (one) => {
    field.setRangeText(one, field.selectionStart, field.selectionEnd, "end");
    field.focus();
    typed();
  };
  const size = () => {
    field.style.height = "auto";
    field.style.height = `${Math.min(field.scrollHeight, 140)}px`;
  };
  field.oninput = () => {
    size();
    typed();
  };
  field.onkeydown = (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  };
  form.onsubmit = (/** @type {Event} */ event) => {
    event.preventDefault();
    const text = field.value.trim();
    if (!text) return;
    field.value = "";
    size();
    send(text);
  };
  return { form, field };
}

/**
 * The button for files, and pictures from the clipboard.
 *
 * @param {any} config @param {HTMLElement} form @param {HTMLElement} field
 * @param {(event: Event, chosen?: ArrayLike<File>) => void} attach
 */
export function attaches({ texts, files }, form, field, attach) {
  /** @param {Event} event */
  const onchange = (event) => {
    attach(event, [...choice.files]);
    choice.value = "";
  };
  const choice = make("input", { type: "file", multiple: true, accept: `image/*,${files}`, hidden: true, onchange });
  form.prepend(round(texts.attach, ICONS.clip, () => choice.click()), choice);
  field.onpaste = (event) => attach(event, event.clipboardData?.files);
}
