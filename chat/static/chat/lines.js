// @ts-check
// How a conversation looks: one list item per message, changed in place.

import { fill, linked, make } from "./dom.js";

/**
 * @typedef {{id: number, kind: string, author: string, agent: {name: string, picture: string} | null,
 *   text: string, body: Record<string, any>, at: string, edited: boolean, deleted: boolean,
 *   client_id: string | null}} Message
 */

export class Lines {
  /** @param {Record<string, string>} texts @param {string} lang */
  constructor(texts, lang) {
    this.texts = texts;
    this.time = new Intl.DateTimeFormat(lang, { hour: "2-digit", minute: "2-digit" });
    this.list = make("ul");
    this.log = make("div", { className: "log", role: "log", tabIndex: 0, "aria-label": texts.title }, this.list);
    /** @type {Map<string, HTMLElement>} */
    this.known = new Map();
    /** @type {{id: number, seq: number, note: HTMLElement, state: HTMLElement}[]} */
    this.own = [];
    /** @type {(message: Message, away: boolean) => void} our last line, said differently or not at all */
    this.change = () => {};
    /** @type {(place: HTMLElement, id: number, file: any) => void} */
    this.file = () => {};
  }

  clear() {
    this.list.replaceChildren();
    this.known.clear();
    this.own = [];
  }

  /** @param {string} client_id @param {string} text A line of ours that the server has not got yet. */
  pending(client_id, text) {
    const note = make("span", { className: "state", textContent: this.texts.pending });
    const item = make("li", { className: "own waits" }, make("p", {}, ...linked(text)), note);
    this._put(`c${client_id}`, item);
    return { item, note };
  }

  /** @param {number} seq @param {Message} message */
  show(seq, message) {
    const item = this._draw(seq, message);
    if (!item) return;
    const mine = message.client_id && `c${message.client_id}`;
    const before = (mine && this.known.get(mine)) || this.known.get(`m${message.id}`);
    // what is being answered keeps its focus when the card is drawn again
    const focused = before?.contains(document.activeElement);
    this._put(`m${message.id}`, item, before);
    if (mine) this.known.set(mine, item);
    if (focused) item.querySelector("button, [tabindex]")?.focus();
  }

  /** @param {number} seq the other side has read up to here */
  read(seq) {
    for (const own of this.own) if (own.seq <= seq) own.state.textContent = this.texts.read;
    this._tidy();
  }

  toEnd() {
    this.log.scrollTop = this.log.scrollHeight;
  }

  /** @param {string} name @param {HTMLElement} item @param {HTMLElement} [before] the one it replaces */
  _put(name, item, before) {
    const atEnd = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 60;
    this.known.set(name, item);
    if (before) before.replaceWith(item);
    else {
      // lines on their way stay last
      const waits = item.classList.contains("waits") ? null : this.list.querySelector(".waits");
      this.list.insertBefore(item, waits);
    }
    if (atEnd || item.classList.contains("own")) this.toEnd();
  }

  /** Only the last of our lines says how far it has got. */
  _tidy() {
    this.own.forEach((own, i) => (own.note.hidden = i < this.own.length - 1));
  }

  /** @param {number} seq @param {Message} message */
  _draw(seq, message) {
    if (message.kind === "event") return this._event(message);
    if (message.kind === "card") return this._card(message);
    const when = make("time", { dateTime: message.at, textContent: this.time.format(new Date(message.at)) });
    const text = make("p", { title: when.textContent }, ...linked(message.text));
    if (message.deleted) {
      this.own = this.own.filter((own) => own.id !== message.id);
      this._tidy();
      return make("li", { className: "event" }, this.texts.taken_back);
    }
    const { file } = message.body;
    if (file) this.file(text, message.id, file);
    if (message.author !== "customer") {
      return make("li", { className: "theirs" }, make("span", { className: "who" }, message.agent?.name, " ", when), text);
    }
    const state = make("span", { textContent: this.texts.delivered });
    const change = (/** @type {string} */ word, /** @type {boolean} */ away) =>
      make("button", { textContent: word, onclick: () => this.change(message, away) });
    const note = make("span", { className: "state" }, message.edited ? `${this.texts.edited} · ` : "", state,
      file ? null : change(this.texts.edit, false), change(this.texts.take_back, true));
    this.own = this.own.filter((own) => own.id !== message.id);
    this.own.push({ id: message.id, seq, note, state });
    this.own.sort((a, b) => a.id - b.id);
    this._tidy();
    return make("li", { className: "own" }, text, note);
  }

  /** @param {Message} message */
  _event({ body, text }) {
    if (body.event === "greeting" || body.event === "reminded") {
      const who = make("span", { className: "who" }, body.agent ? `${body.agent} · ` : "", this.texts.auto);
      return make("li", { className: "theirs" }, who, make("p", {}, text));
    }
    /** @type {Record<string, string>} the others are called as their text is */
    const called = { assigned: "joined", ended: "closed" };
    const name = body.outcome === "silent" ? "silent" : called[body.event] || body.event;
    const said = (body.event === "goes_on" && text) || fill(this.texts[name] || "", { ...body, name: body.to || body.agent });
    return said ? make("li", { className: "event" }, said) : null;
  }

  /** @param {Message} message */
  _card({ body, text }) {
    const title = make("p", { className: "ask" }, body.title || text);
    const item = make("li", { className: "card" }, title);
    for (const { label, url } of body.ways || []) {
      item.append(make("a", { href: url, target: "_blank", className: "way", textContent: label }));
    }
    if (!body.post || body.answered) {
      if (body.answered) this._thank(item, body);
      return item;
    }
    const labels = body.labels || [1, 2, 3, 4, 5];
    const status = make("p", { className: "hint", role: "status" });
    const buttons = labels.map((/** @type {string} */ label, /** @type {number} */ i) =>
      make("button", { "aria-label": `${i + 1}: ${label}`, title: label, textContent: i + 1 }),
    );
    const row = make("div", { className: "scores", role: "group", "aria-label": body.title || "" }, ...buttons);
    row.onclick = async (/** @type {Event} */ event) => {
      const score = buttons.indexOf(event.target) + 1;
      if (!score || row.ariaBusy) return;
      row.ariaBusy = "true";
      try {
        await vote(body.post, score);
        row.remove();
        this._thank(item, { ...body, answered: score });
      } catch {
        row.ariaBusy = null;
        status.textContent = this.texts.failed;
      }
    };
    const ends = make("div", { className: "ends", "aria-hidden": "true" }, make("span", {}, labels[0]), make("span", {}, labels[labels.length - 1]));
    item.append(row, ends, status);
    return item;
  }

  /** @param {HTMLElement} item @param {Record<string, any>} body */
  _thank(item, body) {
    item.querySelector(".ends")?.remove();
    const said = `${body.answered}/5 · ${body.thanks || this.texts.thanks}`;
    const more = body.page && make("a", { href: body.page, target: "_blank", textContent: body.more });
    item.append(make("p", { className: "hint", role: "status" }, said, " ", more || null));
  }
}

/** The card's own address counts the vote. @param {string} address @param {number} score */
async function vote(address, score) {
  const response = await fetch(address, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ score }),
  });
  if (!response.ok) throw new Error();
  return response.json();
}
