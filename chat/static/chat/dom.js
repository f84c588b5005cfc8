// @ts-check
// Small helpers for building pages without HTML from strings.

/**
 * @param {string} tag
 * @param {Record<string, any>} [props] properties; names with a dash become attributes
 * @param {(Node | string | null | undefined)[]} children
 * @returns {any}
 */
export function make(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name.includes("-") || name === "role") element.setAttribute(name, value);
    else /** @type {any} */ (element)[name] = value;
  }
  element.append(.../** @type {(Node | string)[]} */ (children.filter((child) => child != null)));
  return element;
}

/** @param {string} path the d of an icon of 24 × 24 */
export function icon(path) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const shape = document.createElementNS("http://www.w3.org/2000/svg", "path");
  shape.setAttribute("d", path);
  svg.append(shape);
  return svg;
}

export const ICONS = {
  close: "M18.3 5.7 12 12l6.3 6.3-1.4 1.4L10.6 13.4 4.3 19.7 2.9 18.3 9.2 12 2.9 5.7 4.3 4.3l6.3 6.3 6.3-6.3z",
  send: "M3 20.5v-6.7L11.5 12 3 10.2V3.5L22 12z",
  call: "M19.9 21c-4.1 0-8.4-2-11.7-5.2C5 12.500 3 8.200 3 4.100 3 3.500 3.500 3 4.100 3h3.600c.5 0 .9.400 1 .9l.7 3.200c.1.4 0 .8-.3 1.100L6.700 10.600c1.500 2.700 3.900 5 6.700 6.700l2.500-2.400c.3-.3.7-.4 1.100-.3l3 .6c.6.100 1 .5 1 1.100v3.600c0 .6-.5 1.100-1.100 1.100z",
  clip: "M16.500 6v11.500a4 4 0 0 1-8 0V5a2.500 2.500 0 0 1 5 0v10.500a1 1 0 0 1-2 0V6H10v9.500a2.500 2.500 0 0 0 5 0V5a4 4 0 0 0-8 0v12.500a5.500 5.500 0 0 0 11 0V6z",
  file: "M6 2a2 2 0 0 0-2 2v16a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2V8l-6-6zm7 1.500L18.500 9H13z",
  mail: "M20 4H4a2 2 0 0 0-2 2v12a2 2 0 0 0 2 2h16a2 2 0 0 0 2-2V6a2 2 0 0 0-2-2zm0 4-8 5-8-5V6l8 5 8-5z",
};

/** @param {string} text @param {Record<string, string>} values "{name} is writing" → "Bea is writing" */
export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (_all, name) => values[name] ?? "");
}

/**
 * The text with its web addresses as links.
 * @param {string} text
 * @returns {(Node | string)[]}
 */
export function linked(text) {
  return text.split(/(https?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)\]])/).map((part, i) =>
    i % 2 ? make("a", { href: part, target: "_blank", rel: "noopener noreferrer", textContent: part }) : part,
  );
}
