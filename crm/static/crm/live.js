// @ts-check
/**
 * On every page of the console: how many exchanges wait for me, in the sidebar and the tab's title,
 * and that I am still here. The desk counts for itself; other pages ask when a frame says so.
 */
import { Transport } from "./transport.js";

const title = document.title;
let count = 0;
let blink = 0;

/** @returns {HTMLAnchorElement|null} the desk's line in the sidebar */
function link() {
  return document.querySelector('#nav-sidebar a[href$="/desk/"]');
}

/** @param {number} n */
export function setCount(n) {
  if (n === count) return;
  count = n;
  document.title = n ? `(${n}) ${title}` : title;
  const line = link();
  if (!line) return;
  let badge = line.querySelector(".b-count");
  if (!badge) {
    badge = document.createElement("span");
    badge.className = "b-count";
    line.append(badge);
  }
  badge.textContent = n ? String(n) : "";
  badge.toggleAttribute("hidden", !n);
}

/** A soft word in the tab's title for who looks elsewhere. @param {string} text */
export function announce(text) {
  if (!document.hidden) return;
  clearInterval(blink);
  let on = true;
  blink = window.setInterval(() => {
    document.title = on ? text : count ? `(${count}) ${title}` : title;
    on = !on;
  }, 1200);
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  clearInterval(blink);
  document.title = count ? `(${count}) ${title}` : title;
});

const line = link();
if (line && !document.getElementById("desk")) {
  let asked = 0;
  const ask = () => {
    clearTimeout(asked);
    asked = window.setTimeout(async () => {
      try {
        const response = await fetch(`${line.pathname}count/`, { headers: { Accept: "application/json" } });
        const answer = await response.json();
        setCount(answer.count);

      } catch {
        // the next frame asks again
      }
    }, 300);
  };
  new Transport({
    url: "/ws/console/",
    store: null,
    renew: () => false,
    onFrame: (frame) => {
      if (["welcome", "assigned", "message", "interaction", "read"].includes(frame.t)) ask();
      document.dispatchEvent(new CustomEvent("bravo:frame", { detail: frame })); // pages that are live themselves
    },
  });
}
