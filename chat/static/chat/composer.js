// @ts-check
// The field in which a visitor writes, and how files come into it.

import { icon, ICONS, make } from "./dom.js";

/**
 * A form whose field grows with its text; Enter sends, with Shift it is a new line.
 *
 * @param {any} config @param {(text: string) => void} send @param {() => void} typed
 */
export function composer({ texts, maxLine }, send, typed) {
  const field = make("textarea", { rows: 1, "aria-label": texts.field, placeholder: texts.field,
    maxLength: maxLine, enterKeyHint: "send" });
  const button = make("button", { className: "send", "aria-label": texts.send, title: texts.send }, icon(ICONS.send));
  const form = make("form", {}, field, button);
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
  const button = make("button", { type: "button", className: "round", "aria-label": texts.attach, title: texts.attach, onclick: () => choice.click() }, icon(ICONS.clip));
  form.prepend(button, choice);
  field.onpaste = (event) => attach(event, event.clipboardData?.files);
}
