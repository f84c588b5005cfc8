// @ts-check
/** The desk: state in, panes out; frames, answers and keys go through one function, `change`. */
import { announce, setCount } from "../live.js";
import "../original.js";
import { sessionStore } from "../unsent.js";
import { Api, Refused } from "./api.js";
import { Asker } from "./asker.js";
import { Attaching } from "./attaching.js";
import { Composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { CustomerPane } from "./customer.js";
import * as dialogs from "./dialogs.js";
import { Doing } from "./doing.js";
import { byId, fill, say, toast } from "./dom.js";
import { Drafts } from "./drafts.js";
import { Feed } from "./feed.js";
import { Guard, paint } from "./guard.js";
import { Helping } from "./helping.js";
import * as keys from "./keys.js";
import { Letters } from "./letters.js";
import { List, longestWaiting } from "./list.js";
import { Marks } from "./marks.js";
import * as me from "./me.js";
import { Notifying } from "./notifying.js";
import { isMine, listed, turn } from "./order.js";
import { Pulse } from "./pulse.js";
import { Replies } from "./replies.js";
import { Saying } from "./saying.js";
import { MOST, Sides } from "./sides.js";
import { begin, reduce } from "./state.js";
import * as time from "./time.js";
import { faster, readFirst, tellOf, Together } from "./together.js";
import { frenchSpaces, Tone } from "./tone.js";

const SNAPSHOT_EVERY = 30000; // finds what no number can: a row of which every frame was lost

const setup = JSON.parse(byId("desk-state").textContent);
const { texts } = setup;
time.begin(setup.now, setup.language, texts);
const api = new Api(setup.urls.base, setup.csrf, texts);

let state = begin(setup);
/** @type {number|null} */
let current = null;
let drawn = 0;

// -- one way in

/** @param {any} event */
function change(event) {
  if (event.t === "typing") event.received = Date.now();
  if (event.t === "assigned") newcomers.add(event.i);
  if (event.t === "break") toast(texts.break_begins);
  if (event.code === "stopped") saying.stopped(event);
  if (event.t === "rated" && state.rows[event.i]) praise(event);
  state = reduce(state, event);
  together.hear(event);
  if (event.t === "opened" && !state.talks[event.i]) adopt(event.i, event.drafts || {});
  const told = tellOf(setup, state, event);
  if (told && !notifying.isQuiet()) announce(told);
  if (told) notifying.tell("colleague", event.i, event.name || "");
  if (!drawn) drawn = requestAnimationFrame(draw);
  asker.look();
}

/** What was begun on another machine. @param {number} i @param {Record<string, string>} theirs */
function adopt(i, theirs) {
  const kinds = drafts.adopt(i, theirs);
  if (!kinds.length) return;
  composer.adopted(i, kinds);
  sides.adopted(i, kinds);
}

// -- out

/** @type {Set<number>} assigned, not announced yet */
const newcomers = new Set();

function draw() {
  drawn = 0;
  list.render(state, current);
  conversation.render(state, current);
  composer.render(state, current);
  together.render(state, current);
  tone.render();
  guard.render(state);
  paint(byId("desk-open"), guard.hues.get(current ?? 0));
  sides.render(state, guard.hues);
  letters.render(current, current === null ? null : state.talks[current]?.letter, composer.mayAttach());
  customerPane.render(state, current);
  helping.render(current, current === null ? null : state.talks[current], composer.mayHelp());
  me.show(setup, state);
  notifying.look(state);
  const { mine, waiting, named } = listed(state);
  setCount(mine.filter((row) => row.unread.length || turn(row) === "me").length + named.length);
  byId("desk-waiting").classList.toggle("compact", waiting.length > 12);
  for (const i of newcomers) {
    const row = state.rows[i];
    if (!row || !isMine(state, row)) continue;
    newcomers.delete(i);
    if (i === current) continue;
    toast(fill(texts.assigned_toast, { name: row.customer.name }));
    if (!notifying.isQuiet()) announce(fill(texts.assigned_toast, { name: row.customer.name }));
    notifying.tell("assigned", i, row.customer.name);
    if (current === null && wide()) open(i);
  }
  follow();
  readMark();
}

function follow() {
  const cursors = new Map(Object.entries(state.talks).map(([i, talk]) => [Number(i), talk.seq]));
  feed.stand(cursors);
}

function readMark() {
  for (const i of [current, ...sides.keys()]) if (i !== null) readOne(i);
}

/** What is on the screen of somebody who looks at it is read. @param {number} i */
function readOne(i) {
  const [row, talk] = [state.rows[i], state.talks[i]];
  if (!row || !talk || document.hidden || !document.hasFocus() || !isMine(state, row)) return;
  if (!row.unread.length || row.read >= talk.seq || marked.get(row.i) === talk.seq) return;
  marked.set(row.i, talk.seq);
  feed.read(row.i, talk.seq);
}

/** @type {Map<number, number>} */
const marked = new Map();

/** @param {any} event */
function praise(event) {
  toast(fill(texts.rated_toast, { name: state.rows[event.i].customer.name, n: event.score }));
}

function wide() {
  return matchMedia("(min-width: 768px)").matches;
}

/** @param {string} pane */
function show(pane) {
  byId("desk").dataset.pane = pane;
}

// -- doing

/** @param {number} i @param {boolean} [quiet] at the start of the page
 * @param {boolean} [writes] the cursor goes into the answer, unless a key was pressed meanwhile */
async function open(i, quiet = false, writes = !quiet) {
  const keysBefore = keys.pressed();
  if (sides.has(i)) sides.remove(i);
  const before = current;
  current = i;
  // asked for again, such as at the socket's welcome, it stays on the pane that is read
  if (!quiet || before !== i) show(quiet && !wide() ? "list" : "talk");
  draw();
  if (before !== null && before !== i && !sides.has(before)) change({ t: "left", i: before });
  history.replaceState(null, "", `#${i}`);
  try {
    const answer = await api.get(`${i}/`);
    if (current !== i) return;
    if (answer.talk.i !== i) return void open(answer.talk.i, quiet, writes); // merged since
    change({ t: "opened", i, ...answer });
    draw();
    const waits = writes && keysBefore === keys.pressed();
    if (waits && wide() && !composer.form.hidden && composer.mayReply) composer.field.focus();
  } catch (error) {
    if (!quiet) failed(error);
    // what is on the screen stays there; without a network the next welcome tries again
    if (current !== i || state.talks[i] || isAway(error)) return;
    current = null;
    show("list");
    draw();
  }
}

/** @param {unknown} error */
function isAway(error) {
  return error instanceof Refused && error.code === "network";
}

/** @param {unknown} error */
function failed(error) {
  toast(error instanceof Error ? error.message : texts.failed_action, true);
}

/** The open one once more: it may now be written in. */
function again() {
  return current === null ? null : open(current);
}

/** After something is finished: who waits longest, else stay. @param {number} i */
function onward(i) {
  if (!state.rows[i]) current = null;
  const next = longestWaiting(state, i);
  if (next !== null && wide()) open(next);
  else if (!wide()) show("list");
}

/** Put the open chat beside, and open who waits longest, or put it away again. */
function beside() {
  const row = current === null ? null : state.rows[current];
  if (!row || !isMine(state, row) || !setup.channels[row.channel]?.live) return;
  if (!sides.fits()) return toast(texts.side_narrow);
  if (sides.columns.size >= MOST) return toast(texts.side_full);
  void sides.add(row.i);
  const next = listed(state).mine.find((one) => !sides.has(one.i)); // by urgency
  if (next) return void open(next.i);
  current = null;
  draw();
}

/** @param {number} i @param {string} text @param {string} kind */
function checked(i, text, kind) {
  const other = kind === "text" && guard.wrong(state, i, text);
  if (other) toast(fill(texts.wrong_window, { name: other.customer.addressed }), true);
  return !other;
}

/** Look through the list: the next key is another command, never a letter in somebody's answer.
 * @param {number} step */
function move(step) {
  const order = list.order();
  if (!order.length) return;
  const at = current === null ? -1 : order.indexOf(current);
  const next = order[at < 0 ? (step > 0 ? 0 : order.length - 1) : (at + step + order.length) % order.length];
  open(next, false, false);
}

/** Chosen in the palette. @param {string} name */
function command(name) {
  history.replaceState(null, "", current === null ? " " : `#${current}`);
  if (!doing.press(name)) toast(texts.not_now, true);
}

function longest() {
  const next = longestWaiting(state, current);
  if (next === null) toast(texts.nothing_longer);
  else if (sides.has(next)) sides.focus(sides.keys().indexOf(next) + 2);
  else open(next);
}

// -- the pieces

const feed = new Feed({
  url: setup.urls.socket,
  store: sessionStore(),
  key: "bravo.desk.lines",
  onFrame: (frame) => {
    change(frame);
    if (frame.t === "welcome" && current !== null && !state.talks[current]) open(current, true);
  },
  onState: (now) => {
    me.connection(setup, now === "open" ? "online" : now === "over" ? "over" : "offline");
    if (now === "over") toast(texts.signed_out, true);
    document.body.dataset.feed = now;
  },
  renew: () => false,
});

const asker = new Asker(setup, api, {
  get: () => state,
  set: (next) => { state = next; },
  change,
  since: (i, after) => feed.send({ t: "since", i, after }),
});
const letters = new Letters(setup, {
  preview: (i, text) => api.post(`${i}/preview/`, { text }),
  insert: (text) => composer.insert(text),
  failed,
});
const helping = new Helping(setup, {
  ask: (i) => api.get(`${i}/part/help/`),
  insert: (text) => composer.insert(text),
});
const saying = new Saying(setup, api, feed, {
  state: () => state,
  change,
  failed,
  sent: (i, kind, text) => {
    composer.sent(i, kind);
    if (kind === "text") sides.sent(i);
    if (kind === "text") replies.sent(i, text);
  },
  write: (i, text) => (sides.has(i) ? sides.back(i, text) : composer.back(i, text)),
  closed: (i, name) => pulse.ask(i, name),
}, letters);
const doing = new Doing(setup, api, {
  state: () => state,
  current: () => current,
  change,
  open,
  again,
  onward,
  failed,
  settle: () => saying.flush(),
  said: (i, kind) => composer.sent(i, kind),
  closed: (i, name) => pulse.ask(i, name),
});
const drafts = new Drafts(setup.me.user, (i, kind, text) => api.post(`${i}/draft/`, { kind, text }));
const list = new List(setup, (i) => open(i));
const conversation = new Conversation(setup, {
  older: async (i) => {
    const first = state.talks[i].order[0];
    change({ t: "older", ...(await api.get(`${i}/part/messages/?before=${first}`)) });
  },
  retry: (i, key) => saying.retry(i, key),
  letter: (i, verb, m) => void (verb === "call_back" ? saying.callBack(i, m.id) : doing.letter(verb, m)),
  undo: (i) => void saying.undo(i),
  change: (i, m, away) => away ? void feed.send({ t: "delete", i, id: m.id }) : composer.reword(m),
  submitted: async (form, button) => {
    const i = current;
    try {
      await api.submit(form, button);
      if (i !== null) change({ t: "opened", i, ...(await api.get(`${i}/`)) });
    } catch (error) {
      failed(error);
    }
  },
});
const composer = new Composer(setup, drafts, {
  send: (i, text, kind, then, personal) => {
    if (!checked(i, text, kind)) return;
    if (kind === "text" && state.rows[i]?.language.startsWith("fr")) text = frenchSpaces(text);
    const id = kind === "text" ? composer.editing : 0;
    composer.editing = 0;
    if (id && feed.send({ t: "edit", i, id, text })) return composer.sent(i, kind);
    if (kind === "whisper") return void doing.whisper(i, text);
    const theirs = kind === "text" && faster(state, i, composer.begun.get(i));
    const leave = () => saying.send(i, text, kind, then, personal, kind === "text" ? state.talks[i]?.seq : undefined);
    if (theirs) readFirst(setup, state.rows[i], theirs, leave);
    else saying.send(i, text, kind, then, personal, composer.begun.get(i));
  },
  typing: (i) => feed.typing(i),
  undo: (i) => saying.undo(i),
});
new Marks(composer);
const pulse = new Pulse(setup, api);
const together = new Together(setup, {
  current: () => current,
  send: (frame) => feed.send(frame),
  heard: (i) => void doing.heard(i),
}, composer);
const guard = new Guard();
const notifying = new Notifying(setup, { open: (i) => open(i), current: () => current, state: () => state });
const sides = new Sides(setup, drafts, {
  send: (i, text) => {
    if (!checked(i, text, "text")) return;
    saying.send(i, state.rows[i]?.language.startsWith("fr") ? frenchSpaces(text) : text, "text", "", false);
  },
  typing: (i) => feed.typing(i),
  load: async (i) => change({ t: "opened", i, ...(await api.get(`${i}/`)) }),
  left: (i) => i !== current && change({ t: "left", i }),
  open: (i) => open(i),
});
const replies = new Replies(setup, api, composer);
const tone = new Tone(setup, composer, (i) => !state.rows[i]?.last_agent_at);
new Attaching(setup, () => (composer.mayAttach() ? current : null), letters);
const customerPane = new CustomerPane(setup, {
  unblock: () => doing.act("supervise/unblock", {}, texts.done_unblock).then(again).catch(failed),
  verify: (i) => doing.withRow((row) => dialogs.verify(setup, row, state.talks[i]?.customer.codes || [],
    (identity) => api.post(`${i}/send_code/`, { identity }), (fields) => doing.act("verify", fields))),
  fillIn: () => doing.withRow((row) => dialogs.fillIn(setup, row, (fields) => doing.act("fill", fields))),
  open: (i) => open(i),
  more: async (i, before) => change({ t: "timeline", i, ...(await api.get(`${i}/part/timeline/?before=${before}`)) }),
});

me.begin(setup, async (wanted, reason) => {
  try {
    const answer = await api.post("state/", { state: wanted, reason });
    change({ t: "mystate", ...answer });
    if (answer.message) toast(answer.message);
  } catch (error) {
    failed(error);
    throw error;
  }
});

addEventListener("hashchange", () => {
  const wanted = location.hash.slice(1);
  if (wanted.startsWith("do-")) command(wanted.slice(3));
  else if (Number(wanted)) open(Number(wanted));
});
for (const button of document.querySelectorAll("button[data-pane]")) {
  button.addEventListener("click", () => show(/** @type {HTMLElement} */ (button).dataset.pane || "list"));
}
byId("desk-help-open").addEventListener("click", dialogs.help);

/** The toolbar's own keys. @type {Record<string, () => void>} */
const pressed = {};
for (const button of document.querySelectorAll("[data-do][data-key]")) {
  const { key = "", do: name = "" } = /** @type {HTMLElement} */ (button).dataset;
  pressed[key] = () => void doing.press(name);
}
keys.listen({
  ...pressed,
  j: () => move(1),
  k: () => move(-1),
  x: longest,
  r: () => composer.write("text"),
  n: () => composer.write("note"),
  s: () => doing.next(),
  "+": () => pulse.key("yes"),
  "-": () => pulse.key("no"),
  p: beside,
  1: () => composer.form.hidden || composer.field.focus(),
  2: () => sides.focus(2),
  3: () => sides.focus(3),
  4: () => sides.focus(4),
  h: () => (composer.mayWhisper ? composer.write("whisper") : together.heard()),
  u: () => current !== null && saying.undo(current),
  "/": () => window.dispatchEvent(new KeyboardEvent("keydown", { key: "k", ctrlKey: true, bubbles: true })),
  "?": dialogs.help,
});

setInterval(() => {
  list.tick();
  conversation.typing(state);
  together.render(state, current);
  sides.tick(state);
  if (current !== null && state.rows[current]) conversation.title(state, state.rows[current]);
}, 1000);
setInterval(() => document.hidden || change({ t: "again_rows" }), SNAPSHOT_EVERY);
document.addEventListener("visibilitychange", () => document.hidden || change({ t: "again_rows" }));
addEventListener("focus", readMark);

for (const line of feed.pending.values()) {
  change({ t: "unsent", i: line.i, line: { client_id: line.client_id, text: line.text, kind: line.kind || "text", at: setup.now, state: "sending" } });
}
const asked = Number(location.hash.slice(1));
const first = list.state ? null : listed(state).mine[0]?.i;
draw();
if (asked) open(asked);
else if (first) open(first, true);
say(byId("desk-none-text"), byId("desk-none-text").textContent || texts.pick);
