// @ts-check
/** That this article was read, and for how long it was in sight: what a cached page cannot count.
 *
 * The chat comes after the first word of it, so that both belong to one visit. */

const article = /** @type {HTMLElement} */ (document.querySelector("[data-seen]"));
const address = article.dataset.seen ?? "";

/** @param {number} [seconds] */
const words = (seconds) => new URLSearchParams(seconds ? { seconds: String(seconds) } : {});

let since = document.hidden ? 0 : Date.now();
let seconds = 0;
let said = 0;

/** Called whenever the page may be gone in a moment. */
function tell() {
  if (since) seconds += (Date.now() - since) / 1000;
  since = 0;
  const whole = Math.round(seconds);
  if (whole > said) navigator.sendBeacon(address, words((said = whole)));
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) tell();
  else since = Date.now();
});
addEventListener("pagehide", tell);

const widget = /** @type {HTMLTemplateElement | null} */ (document.querySelector("#widget"));
if (widget) {
  await fetch(address, { method: "POST", body: words() }).catch(() => null);
  document.body.append(document.importNode(widget.content, true));
}
