// @ts-check
// The chat app. It lives in an iframe of ours on somebody else's page: the loader tells it what
// the page does, and it alone talks to the server.

import { newKey } from "../crm/unsent.js";
import { Card } from "./card.js";
import { ending, transcript } from "./dialogs.js";
import { fill, icon, ICONS, make } from "./dom.js";
import { Memory } from "./memory.js";
import { Talk } from "./talk.js";
import { welcomes } from "./welcome.js";

const config = JSON.parse(document.getElementById("config")?.textContent || "{}");
/** @type {Record<string, string>} */
const texts = config.texts;
if (config.colors) {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const paint = () => {
    const style = document.documentElement.style;
    const color = config.colors[dark.matches ? "dark" : "light"];
    style.setProperty("--primary", color);
    style.setProperty("--primary-strong", color);
    style.setProperty("--on-primary", dark.matches ? "#131a22" : "#ffffff");
  };
  dark.addEventListener("change", paint);
  paint();
}

/** @type {{page: {url: string, title: string, referrer: string}, visit: string, host: string,
 *   button: any, askAt: number | null, watch: any, due: boolean, seconds: number, scroll: number,
 *   leaving: boolean, events: string[], data: Record<string, any>, refused: boolean, open: boolean,
 *   invitation: any, shownAt: number, unread: number, identity: string, subject: string,
 *   form: Record<string, string>}} */
const state = {
  subject: config.subject, form: {},
  page: { url: "", title: "", referrer: "" }, visit: "", host: "", button: null, askAt: null, watch: {}, due: false,
  seconds: 0, scroll: 0, leaving: false, events: [], data: {}, refused: false, open: false,
  invitation: null, shownAt: 0, unread: 0, identity: "",
};
const memory = new Memory((memo) => tell("keep", { what: { m: memo } }));

// -- the server

/** @param {string} door @param {object} [more] @returns {Promise<any>} */
async function ask(door, more = {}) {
  const response = await fetch(config.doors[door], {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({
      site: config.site, lang: config.lang, subject: state.subject, visit: state.visit, identity: state.identity,
      ...state.page, ...more,
    }),
  });
  const answer = await response.json();
  if (!response.ok) throw Object.assign(new Error(answer.code), { code: answer.code, status: response.status });
  return answer;
}

// -- the page around us

/** @param {string} what @param {object} [more] */
function tell(what, more = {}) {
  if (state.host) parent.postMessage({ bravo: what, ...more }, state.host);
}

/** @param {string} origin "*" may stand for the port or the first part of the name */
function belongs(origin) {
  return config.origins.some((/** @type {string} */ allowed) => {
    const pattern = allowed.replace(/[.?+^$()[\]{}|\\]/g, "\\$&").replace("://*\\.", "://[^/]+\\.").replace(":*", ":\\d+");
    return new RegExp(`^${pattern}$`).test(origin);
  });
}

/** @type {Record<string, (data: any) => void>} */
const heard = {
  init({ page, seconds, token, memo, refused, consent, identity }) {
    Object.assign(state, { page, seconds, refused });
    state.identity ||= identity;
    memory.begin(memo, consent);
    state.visit = memory.memo.visit;
    memory.turn();
    tell("look", { side: config.side, colors: config.colors, title: texts.dialog });
    look();
    if (token) talk.resume(token);
  },
  page({ page }) {
    withdraw();
    Object.assign(state, { page, seconds: 0, askAt: null, scroll: 0, leaving: false });
    memory.turn();
    talk.turned(page);
    look();
  },
  tick({ seconds, typing, scroll }) {
    const before = state.scroll;
    state.seconds = seconds;
    state.scroll = Math.max(before, scroll);
    if (state.watch.scroll?.some((/** @type {number} */ mark) => before < mark && mark <= state.scroll)) state.due = true;
    if (state.invitation) return void watch();
    const now = state.due || (state.askAt !== null && seconds >= state.askAt);
    if (now && !state.open && !talk.token) invite(typing);
  },
  leaving() {
    state.due ||= !state.leaving && state.watch.leaving;
    state.leaving = true;
  },
  event({ name }) {
    state.events = [...state.events, String(name)].slice(-20);
    state.due ||= state.watch.event;
  },
  data({ data: { identity, ...data } }) {
    state.identity = identity || state.identity;
    Object.assign(state.data, data);
    state.due ||= state.watch.data;
  },
  consent: ({ yes }) => memory.agree(Boolean(yes)),
  async opened({ focus }) {
    state.open = true;
    state.unread = 0;
    talk.seen();
    if (state.invitation) return accept();
    if (!talk.token && !talk.opening) await look();
    if (focus) front();
  },
  hidden() {
    state.open = false;
    talk.open = false;
    announce();
  },
  refuse,
};

addEventListener("message", (event) => {
  if (event.source !== parent || !belongs(event.origin)) return;
  state.host = event.origin;
  heard[event.data?.bravo]?.(event.data);
});
addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !document.querySelector("dialog[open]")) tell("close");
});

/** What the button says now, and when to ask about an invitation. Stores nothing. */
async function look() {
  try {
    const answer = await ask("visit", { seconds: state.seconds, open: state.open });
    state.visit = answer.visit;
    memory.named(answer.visit);
    state.askAt = answer.ask_at;
    state.watch = answer.watch;
    state.button = answer.button;
  } catch (error) {
    // no button is better than one that cannot be kept
    if (!state.button) return;
  }
  announce();
  if (!talk.token && !talk.opening) welcome();
}

function announce() {
  const label = talk.token ? texts.title : state.button?.fixed && state.button.label;
  if (label || state.button) tell("button", { label: label || "", unread: state.unread });
}

// -- the invitation

const card = new Card(texts, {
  // at once: until the loader's answer the card's time may be over, or the page another one
  accept() {
    tell("open");
    accept();
  },
  refuse,
  size: (height) => tell("card", { height }),
});

/** @param {boolean} typing */
async function invite(typing) {
  const { seconds: at, scroll, leaving, events, data, refused } = state;
  Object.assign(state, { askAt: null, due: false });
  try {
    const facts = { seconds: at, typing, refused, scroll, leaving, events, data, ...memory.facts() };
    const { invitation, again } = await ask("invite", facts);
    state.askAt = again ? at + again : null;
    if (!invitation || state.open) return;
    state.invitation = invitation;
    state.shownAt = state.seconds;
    memory.invited();
    tell("card", { height: 0 });
    card.show(invitation);
    tell("host", { name: "invited" });
  } catch (error) {
    state.askAt = at + 30;
  }
}

async function refuse() {
  const invitation = state.invitation?.id;
  withdraw(true);
  state.refused = true;
  if (invitation) await ask("invitation", { invitation, refuse: true }).catch(() => {});
}

/** While the card is on the screen: its time, and every five seconds its place. */
async function watch() {
  const shown = state.seconds - state.shownAt;
  const invitation = state.invitation;
  if (shown <= 0 || (shown < invitation.seconds && shown % 5)) return;
  const { good } = await ask("invitation", { invitation: invitation.id }).catch(() => ({ good: shown < invitation.seconds }));
  if (!good && state.invitation === invitation) withdraw();
}

/** @param {boolean} [no] the visitor's own word, kept as one value without a name */
function withdraw(no = false) {
  if (!state.invitation) return;
  const focus = card.view.contains(document.activeElement);
  state.invitation = null;
  card.hide();
  tell("withdraw", { no, focus });
}

async function accept() {
  const invitation = state.invitation;
  state.invitation = null;
  card.hide();
  if (!invitation) return;
  talk.meet(invitation);
  show(talk.view);
  talk.field.focus();
  try {
    const answer = await ask("start", { key: talk.key(), invitation: invitation.id });
    if (answer.chat) return talk.begin(answer.chat.token);
    state.button = answer.button;
    giveBack("", fill(texts.place_gone, { name: invitation.name }));
  } catch (error) {
    await look();
    giveBack("", texts.failed);
  }
}

// -- the panel

const title = make("strong", {}, texts.title);
const line = make("span", { className: "line", role: "status" });
const face = make("span", { className: "face", "aria-hidden": "true" });
const end = make("button", { type: "button", className: "quiet", hidden: true, textContent: texts.menu_end });
const hide = make("button", { type: "button", className: "round", "aria-label": texts.close, title: texts.close }, icon(ICONS.close));
const letter = make("button", { type: "button", className: "round", hidden: true, "aria-label": texts.mail, title: texts.mail }, icon(ICONS.mail));
const header = make("header", {}, face, make("div", { className: "names" }, title), letter, end, hide, line);
const main = make("main", {});
hide.onclick = () => tell("close");

const sure = ending(texts, () => talk.end());
const mailing = transcript(texts, async (address) => {
  const sent = await ask("transcript", { token: talk.token, mail: address }).catch(() => null);
  talk.tell(sent ? fill(texts.mail_sent, { address: sent.mail }) : texts.failed, 6000);
});
end.onclick = () => sure.showModal();
letter.onclick = () => mailing.showModal();
document.body.append(header, main, sure, mailing, card.view);

/** @param {Node} view */
function show(view) {
  if (main.firstChild !== view) main.replaceChildren(view);
}

function front() {
  const field = main.querySelector("textarea") || main.querySelector("a.way, button");
  (field || hide).focus();
}

/** Before the chat; the field when there is somebody. @param {string} [notice] */
function welcome(notice) {
  const { button } = state;
  if (!button) return;
  title.textContent = texts.title;
  line.textContent = "";
  face.replaceChildren();
  face.hidden = true;
  end.hidden = letter.hidden = true;
  const draft = /** @type {HTMLTextAreaElement | null} */ (main.querySelector("textarea"))?.value || "";
  const panel = before.panel(button, notice);
  if (button.can_chat) {
    const composer = talk.composer(first);
    composer.field.value = draft;
    composer.form.prepend(...(button.form || []).map((/** @type {any} */ one) => before.question(one, state.form)));
    panel.append(before.privacy(), composer.form);
  }
  const focused = main.contains(document.activeElement);
  show(panel);
  if (focused) front();
}

/** The first line begins the chat; until the server has it, it stays in the field's place.
 * @param {string} text */
async function first(text) {
  if (talk.opening) return;
  talk.meet(null);
  const client_id = newKey();
  talk.lines.pending(client_id, text);
  show(talk.view);
  talk.field.focus();
  try {
    const answer = await ask("start", { key: talk.key(), text, client_id, before: talk.before, form: state.form });
    if (answer.chat) return talk.begin(answer.chat.token);
    state.button = answer.button || state.button;
    giveBack(text, answer.errors && Object.values(answer.errors).join(" "));
  } catch (error) {
    await look();
    giveBack(text, texts.failed);
  }
}

/** Nothing that was typed is lost. @param {string} text @param {string} [notice] */
function giveBack(text, notice) {
  const kept = [text, talk.leave()].filter(Boolean).join("\n");
  welcome(notice);
  const field = main.querySelector("textarea");
  if (field && kept) field.value = kept;
}

const before = welcomes(config, (subject) => {
  state.subject = subject;
  look();
});

const talk = new Talk(config, ask, {
  token(token) {
    tell("keep", { what: { t: token } });
    if (token) tell("host", { name: "started" });
    announce();
  },
  who(name, address, said) {
    title.textContent = name || texts.title;
    line.textContent = said;
    face.hidden = !name;
    face.replaceChildren(address ? make("img", { src: address, alt: "", width: 40, height: 40 }) : name.slice(0, 1));
  },
  page: () => state.page,
  ways: before.ways,
  live(live) {
    end.hidden = !live;
    letter.hidden = !talk.token;
  },
  unread() {
    if (state.open) return;
    state.unread += 1;
    announce();
  },
  async over(notice) {
    await look();
    if (talk.token || talk.opening) return;
    giveBack("", notice); // said while we looked
    if (state.open) front();
  },
  show() {
    show(talk.view);
    if (state.open) talk.seen();
  },
});
