// @ts-check
/** Single keys outside of fields; with Alt also while writing. */

const TYPING = "input, textarea, select, [contenteditable]";

let count = 0;
document.addEventListener("keydown", () => count++, true);

/** How many keys were pressed, anywhere in the page. */
export const pressed = () => count;

/** @param {Record<string, () => void>} actions by key, lower case */
export function listen(actions) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.isComposing) return;
    if (document.querySelector("dialog[open]")) return;
    const target = /** @type {HTMLElement} */ (event.target);
    const typing = target.closest(TYPING);
    if (event.key === "Escape" && typing instanceof HTMLTextAreaElement) {
      typing.blur();
      return;
    }
    const key = event.altKey ? event.code.replace(/Key|Digit/, "").toLowerCase() : event.key.toLowerCase();
    const name = { arrowdown: "j", arrowup: "k" }[key] || key;
    if (typing && !event.altKey) return;
    if (typing && !["j", "k", "x", "o", "u", "h", "p", "1", "2", "3", "4"].includes(name)) return;
    if (key.startsWith("arrow") && target.closest(".desk-log, .desk-customer, .desk-channel, [role=toolbar], nav")) return;
    const action = actions[name];
    if (!action) return;
    event.preventDefault();
    action();
  });
}
