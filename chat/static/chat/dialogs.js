// @ts-check
// What the panel asks before it does it.

import { make } from "./dom.js";

/** Ask once before it is over. @param {Record<string, string>} texts @param {() => void} over */
export function ending(texts, over) {
  const sure = make("dialog", { "aria-label": texts.end_ask });
  const [stay, go] = [texts.no, texts.yes].map((text) => make("button", { textContent: text }));
  stay.className = "quiet";
  stay.onclick = () => sure.close();
  go.onclick = () => {
    sure.close();
    over();
  };
  sure.append(make("p", {}, texts.end_ask), make("div", { className: "both" }, stay, go));
  return sure;
}

/**
 * The conversation by mail, and what follows when they leave.
 *
 * @param {Record<string, string>} texts @param {(address: string) => void} send
 */
export function transcript(texts, send) {
  const address = make("input", { type: "email", required: true, maxLength: 254, autocomplete: "email" });
  const [later, post] = [texts.no_mail, texts.send].map((text) => make("button", { className: "go", textContent: text }));
  const mailing = make("dialog", { "aria-label": texts.mail }, make("form", {},
    make("p", {}, texts.mail), make("label", { className: "ask" }, texts.mail_field, address),
    make("p", { className: "hint" }, texts.mail_hint), make("div", { className: "both" }, later, post)));
  Object.assign(later, { className: "quiet", onclick: () => mailing.close() });
  post.type = "submit";
  mailing.onsubmit = (/** @type {Event} */ event) => {
    event.preventDefault();
    mailing.close();
    send(address.value);
  };
  return mailing;
}
