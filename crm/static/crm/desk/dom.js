// @ts-check
/** Making and finding elements. Text is always text: nothing a customer wrote becomes markup. */

/**
 * @param {string} tag
 * @param {Record<string, any>} [props] attributes; `onclick` and `text` are properties
 * @param {...(Node|string|null|undefined|false)} children
 * @returns {any}
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "text") element.textContent = value;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false).map((child) => /** @type {Node|string} */ (child)));
  return element;
}

/** @param {string} name a Material Symbols name */
export function icon(name) {
  return h("span", { class: "material-symbols-outlined", "aria-hidden": "true", text: name });
}

/** @param {string} id @returns {any} */
export function byId(id) {
  return document.getElementById(id);
}

/** Put text into a pattern of the server's: fill("{n} s", {n: 3}). @param {string} pattern @param {Record<string, any>} values */
export function fill(pattern, values) {
  return pattern.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** Change an element's text only when it differs. @param {Element} element @param {string} text */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

const LINK = /https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]]/g;

/** Plain text with its addresses made links. @param {string} text @returns {(Node|string)[]} */
export function linked(text) {
  /** @type {(Node|string)[]} */
  const parts = [];
  let at = 0;
  for (const found of text.matchAll(LINK)) {
    parts.push(text.slice(at, found.index));
    parts.push(h("a", { href: found[0], target: "_blank", rel: "noopener noreferrer nofollow", text: found[0] }));
    at = found.index + found[0].length;
  }
  return [...parts, text.slice(at)];
}

/** A word in the corner, gone after some seconds. @param {string} text @param {boolean} [wrong] */
export function toast(text, wrong = false) {
  const note = h("p", { class: `desk-toast${wrong ? " wrong" : ""}`, text });
  byId("desk-toasts").append(note);
  setTimeout(() => note.remove(), wrong ? 8000 : 3500);
}
