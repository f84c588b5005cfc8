// @ts-check
// The chat app. It lives in an iframe of ours on somebody else's page: the loader tells it what
// the page does, and it alone talks to the server.

import { newKey } from "../crm/unsent.js";
import { ending, transcript } from "./dialogs.js";
import { fill, ICONS, make, round } from "./dom.js";
import { Inviting } from "./inviting.js";
import { Memory } from "./memory.js";
import { Talk } from "./talk.js";
import { welcomes } from "./welcome.js";

const config = JSON.parse(document.getElementById("config")?.textContent || "{}");
/** @type {Record<string, string>} */
const texts = config.texts;
if (config.colors) {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  (dark.onchange = () => {
    const [color, on] = dark.matches ? [config.colors.dark, "#131a22"] : [config.colors.light, "#fff"];
    document.documentElement.style.cssText = `--primary:${color};--primary-strong:${color};--on-primary:${on}`;
  })();
}

/** @type {{page: {url: string, title: string, referrer: string}, visit: string, host: string,
 *   button: any, open: boolean, unread: number, identity: string, subject: string,
 *   form: Record<string, string>}} */
const state = {
  subject: config.subject, form: {}, page: { url: "", title: "", referrer: "" }, visit: "", host: "",
  button: null, open: false, unread: 0, identity: "",
};
const memory = new Memory((memo) => tell("keep", { what: { m: memo } }));

// -- the server

/** @param {string} door @param {object} [more] @returns {Promise<any>} */
async function ask(door, more = {}) {
  const response = await fetch(config.doors + door, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({
      site: config.site, lang: config.lang, subject: state.subject, visit: state.visit, identity: state.identity,
      ...state.page, ...more,
    }),
  });
  const answer = await response.json();
  if (!response.ok) throw Object.assign(new Error(), answer, { status: response.status });
  return answer;
}

// -- the page around us

/** @param {string} what @param {object} [more] */
function tell(what, more = {}) {
  if (state.host) parent.postMessage({ bravo: what, ...more }, state.host);
}

/** @type {Record<string, (data: any) => void>} */
const heard = {
  init({ page, seconds, token, memo, refused, consent, identity }) {
    state.page = page;
    inviting.refused = refused;
    inviting.turn(seconds);
    state.identity ||= identity;
    memory.begin(memo, consent);
    state.visit = memory.memo.visit;
    memory.turn();
    tell("look", { side: config.side, colors: config.colors, title: texts.dialog });
    look();
    if (token) talk.resume(token);
  },
  page({ page }) {
    inviting.withdraw();
    inviting.turn(0);
    state.page = page;
    memory.turn();
    talk.turned(page);
    look();
  },
  tick: (page) => inviting.tick(page),
  leaving: () => inviting.leaves(),
  event: ({ name }) => inviting.event(name),
  data({ data: { identity, ...data } }) {
    state.identity = identity || state.identity;
    inviting.hear(data);
  },
  consent: ({ yes }) => memory.agree(Boolean(yes)),
  // another tab has begun a chat, or has left it behind
  chat({ token = "" }) {
    if (talk.opening || token === talk.token) return;
    talk.leave();
    if (token) talk.resume(token);
    else look();
  },
  async opened({ focus }) {
    state.open = true;
    state.unread = 0;
    talk.seen();
    if (inviting.shown) return accept();
    if (!talk.token && !talk.opening) await look();
    if (focus) front();
  },
  hidden() {
    state.open = false;
    talk.open = false;
    announce();
  },
  refuse: () => inviting.refuse(),
};

// whose page may hold us the browser knows: frame-ancestors
addEventListener("message", (event) => {
  if (event.source !== parent) return;
  state.host = event.origin;
  heard[event.data?.bravo]?.(event.data);
});
addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !document.querySelector("dialog[open]")) tell("close");
});
// an app's web view opens no windows: then the page itself goes there, and the chat with it
addEventListener("click", (event) => {
  const link = /** @type {HTMLElement} */ (event.target).closest("a");
  if (!link?.href || link.target !== "_blank" || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const opened = window.open(link.href);
  if (opened) opened.opener = null;
  else tell("go", { url: link.href });
});

/** What the button says now, and when to ask about an invitation. Stores nothing. */
async function look() {
  try {
    const answer = await ask("visit", { seconds: inviting.seconds, open: state.open });
    state.visit = answer.visit;
    memory.named(answer.visit);
    inviting.plan(answer);
    state.button = answer.button;
  } catch (error) {
    // no button is better than one that cannot be kept
    if (!state.button) return;
  }
  announce();
  if (talk.token || talk.opening) return;
  // they are known, and began on another device
  if (state.button.chat) talk.resume(state.button.chat);
  else welcome();
}

function announce() {
  const label = talk.token ? texts.title : state.button?.fixed && state.button.label;
  if (label || state.button) tell("button", { label: label || "", unread: state.unread });
}

const inviting = new Inviting(texts, {
  ask, tell, memory,
  // at once: until the loader's answer the card's time may be over, or the page another one
  accept() {
    tell("open");
    accept();
  },
  quiet: () => state.open || !!talk.token,
});

async function accept() {
  const invitation = inviting.hide();
  if (!invitation) return;
  talk.meet(invitation);
  show(talk.view);
  talk.field.focus();
  begin({ invitation: invitation.id }, "", fill(texts.place_gone, { name: invitation.name }));
}

/** A beginning whose answer was lost on the way is asked again: by its key it is the same chat.
 * @param {object} more @param {string} text what goes back into the field @param {string} [notice] why it may not be */
async function begin(more, text, notice) {
  const key = talk.key();
  try {
    const { chat, button, errors } = await ask("start", { key, ...more });
    if (chat) return talk.begin(chat.token);
    state.button = button || state.button;
    giveBack(text, errors ? Object.values(errors).join(" ") : notice);
  } catch (error) {
    if (!(/** @type {any} */ (error).status)) {
      talk.tell(texts.offline);
      return setTimeout(() => begin(more, text, notice), 3000);
    }
    await look();
    giveBack(text, texts.failed);
  }
}

// -- the panel

const title = make("strong");
const line = make("span", { className: "line", role: "status" });
const face = make("span", { className: "face", "aria-hidden": "true" });
const end = make("button", { className: "quiet", hidden: true, textContent: texts.menu_end });
const hide = round(texts.close, ICONS.close, () => tell("close"));
const letter = round(texts.mail, ICONS.mail, () => mailing.showModal());
const header = make("header", {}, face, make("div", { className: "names" }, title), letter, end, hide, line);
const main = make("main", {});

const sure = ending(texts, () => talk.end());
const mailing = transcript(texts, async (address) => {
  const sent = await ask("transcript", { token: talk.token, mail: address }).catch(() => null);
  talk.tell(sent ? fill(texts.mail_sent, { address: sent.mail }) : texts.failed, 6000);
});
end.onclick = () => sure.showModal();
letter.hidden = true;
document.body.append(header, main, sure, mailing, inviting.view);

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
  talk.meets("", "", "");
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
function first(text) {
  if (talk.opening) return;
  talk.meet(null);
  const client_id = newKey();
  talk.lines.pending(client_id, text);
  show(talk.view);
  talk.field.focus();
  begin({ text, client_id, before: talk.before, form: state.form }, text);
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
