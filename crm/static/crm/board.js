// @ts-check
/** The live board: drawn from the server's figures, asked for again when a frame says that something
 * moved; between two answers only the times run. */
import { byId, fill, h, icon, say } from "./desk/dom.js";
import * as time from "./desk/time.js";

const PAUSE = 1000; // further moves within it are the same move
const ANYWAY = 30000; // lost frames

let state = JSON.parse(byId("board-state").textContent);
const { texts } = state;
time.begin(state.now, state.language, texts);

let asked = 0;
function soon() {
  asked ||= window.setTimeout(ask, PAUSE);
}

async function ask() {
  try {
    const response = await fetch(/** @type {string} */ (byId("board").dataset.now), { headers: { Accept: "application/json" } });
    if (!response.ok) throw new Error(String(response.status));
    state = { ...state, ...(await response.json()) };
    byId("board").classList.remove("stale");
    draw();
  } catch {
    byId("board").classList.add("stale"); // the figures on the screen may be old: said by look and word
  } finally {
    asked = 0;
    tick();
  }
}

const FRAMES = ["welcome", "assigned", "message", "interaction", "agent", "again"];
document.addEventListener("bravo:frame", (event) => {
  if (FRAMES.includes(/** @type {CustomEvent} */ (event).detail.t)) soon();
});
setInterval(() => document.hidden || soon(), ANYWAY);
document.addEventListener("visibilitychange", () => document.hidden || soon());
setInterval(tick, 1000);

function draw() {
  const lines = byId("board-lines");
  lines.replaceChildren(...state.lines.map(line));
  if (!state.lines.length) lines.append(h("li", { class: "board-empty", text: texts.no_lines }));
  const people = byId("board-people");
  const away = state.people.filter((/** @type {any} */ one) => one.state === "offline" && !one.rows.length);
  people.replaceChildren(...state.people.filter((/** @type {any} */ one) => !away.includes(one)).map(person));
  const words = away.map((/** @type {any} */ one) => one.name).join(", ");
  if (away.length) people.append(h("li", { class: "board-away" }, h("b", { text: `${away[0].label} · ${away.length}` }), h("p", { text: words })));
  if (!state.people.length) people.append(h("li", { class: "board-empty", text: texts.no_people }));
  /** @type {Map<string, number>} */
  const sums = new Map();
  for (const one of state.people) sums.set(one.label, (sums.get(one.label) || 0) + 1);
  say(byId("board-sums"), [...sums].map(([label, n]) => `${n} ${label}`).join(" · "));
  tick();
}

/** @param {any} one */
function line(one) {
  const marks = [
    one.late > 0 && h("span", { class: "board-late", text: fill(texts.late, { n: one.late }) }),
    one.soon > 0 && h("span", { class: "board-soon", text: fill(texts.soon, { n: one.soon }) }),
  ];
  return h("li", { "data-waiting": one.waiting > 0 },
    h("h3", { text: one.name }),
    h("p", { class: "board-figure" }, h("b", { text: one.waiting }), one.longest
      ? h("span", { "data-since": one.longest, "data-words": texts.waits }) : h("span", { text: texts.nobody_waits })),
    h("p", { class: "board-marks" }, ...marks,
      h("span", { class: one.people ? "" : "board-soon", text: one.people === 1 ? texts.one_ready : fill(texts.ready, { n: one.people }) }),
      h("span", { text: fill(texts.active, { n: one.active }) })));
}

/** @param {any} one */
function person(one) {
  const load = h("meter", { min: 0, max: one.places, value: one.used, "aria-label": fill(texts.load, { used: one.used, all: one.places }), title: fill(texts.load, { used: one.used, all: one.places }) });
  return h("li", { "data-state": one.state },
    h("p", { class: "board-who" }, h("b", { text: one.name }), h("span", { class: "board-state", text: [one.label, one.simulated && texts.simulated, one.reason].filter(Boolean).join(", ") }),
      one.since && h("span", { class: "board-since", "data-since": one.since })),
    one.places > 0 && load,
    h("ul", {}, ...one.rows.map((/** @type {any} */ row) => h("li", {}, h("a", { href: row.url },
      icon(row.icon), h("span", { class: "sr-only", text: row.channel }), h("span", { text: row.name }), row.since && h("span", { class: "board-since", "data-since": row.since }))))),
    one.more > 0 && h("p", { class: "board-since", text: fill(texts.others, { n: one.more }) }));
}

function tick() {
  for (const element of document.querySelectorAll("[data-since]")) {
    const { since, words } = /** @type {HTMLElement} */ (element).dataset;
    const long = time.duration(time.secondsSince(since || null));
    say(element, words ? fill(words, { time: long }) : long);
  }
  say(byId("board-live"), time.moment(state.now));
}

byId("board-wall").addEventListener("click", () => {
  if (document.fullscreenElement) document.exitFullscreen();
  else byId("board").requestFullscreen();
});

draw();
