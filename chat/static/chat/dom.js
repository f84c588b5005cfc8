// @ts-check
// Small helpers for building pages without HTML from strings.

/**
 * @param {string} tag a button sends no form unless its type says so
 * @param {Record<string, any>} [props] properties; names with a dash become attributes
 * @param {(Node | string | null | undefined)[]} children
 * @returns {any}
 */
export function make(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  if (tag === "button") /** @type {HTMLButtonElement} */ (element).type = "button";
  for (const [name, value] of Object.entries(props)) {
    if (name.includes("-") || name === "role") element.setAttribute(name, value);
    else /** @type {any} */ (element)[name] = value;
  }
  element.append(.../** @type {(Node | string)[]} */ (children.filter((child) => child != null)));
  return element;
}

/** @param {string} path the d of an icon of 24 × 24, drawn as a line */
export function icon(path) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const shape = document.createElementNS("http://www.w3.org/2000/svg", "path");
  shape.setAttribute("d", path);
  svg.append(shape);
  return svg;
}

/** A button with an icon only. @param {string} said @param {string} path @param {(() => void) | null} [onclick] none: it sends its form */
export function round(said, path, onclick) {
  return make("button", { type: onclick ? "button" : "submit", className: "round", "aria-label": said, title: said, onclick }, icon(path));
}

export const ICONS = {
  close: "M6 6l12 12M18 6 6 18",
  send: "M4 12V4l17 8-17 8v-8h8",
  call: "M5 3h4l2 5-3 2a12 12 0 0 0 6 6l2-3 5 2v4a2 2 0 0 1-2 2A16 16 0 0 1 3 5a2 2 0 0 1 2-2",
  clip: "M20 11l-8 8a5 5 0 0 1-7-7l8-8a3 3 0 0 1 5 5l-8 8a1 1 0 0 1-3-3l7-7",
  file: "M6 3h8l4 4v14H6zM14 3v4h4",
  smile: "M3 12a9 9 0 1 0 18 0 9 9 0 1 0-18 0M9 9v1M15 9v1M8 14a5 5 0 0 0 8 0",
  mail: "M3 6h18v12H3zl9 7 9-7",
};

/** @param {string} text @param {Record<string, string>} values "{name} is writing" → "Bea is writing" */
export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (_all, name) => values[name] ?? "");
}

/**
 * The text with its web addresses as links, and **bold**, *italic* and `code` as what they mean: as
 * the desk shows it (crm/desk/marks.js).
 * @param {string} text
 * @returns {(Node | string)[]}
 */
export function linked(text) {
  return text.split(/(https?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)\]]|\B\*+[^*\s][^*\n]*\*+|`[^`\n]+`)/).map((part, i) =>
    !(i % 2) ? part
      : part[0] === "h" ? make("a", { href: part, target: "_blank", textContent: part })
        : make(part[1] === "*" ? "b" : part[0] === "*" ? "i" : "code", {}, part.replace(/[*`]/g, "")),
  );
}
