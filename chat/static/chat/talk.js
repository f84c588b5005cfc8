// @ts-check
// One conversation: what was said, what is on its way, and the socket or the way without one.

import { fill, icon, ICONS, key, make } from "./dom.js";
import { Lines } from "./lines.js";
import { Transport } from "../crm/transport.js";

const POLL_SECONDS = 4;
const TYPING_SECONDS = 3;

export class Talk {
  /**
   * @param {any} config
   * @param {(door: string, more?: object) => Promise<any>} ask
   * @param {{token: (token: string | null) => void, who: (name: string, picture: string, said: string) => void,
   *   live: (live: boolean) => void, unread: () => void, over: (notice?: string) => void, show: () => void}} app
   */
  constructor(config, ask, app) {
    Object.assign(this, { config, ask, app });
    this.config = config;
    this.ask = ask;
    this.app = app;
    /** @type {Record<string, string>} */
    this.texts = config.texts;
    this.lines = new Lines(config.texts, config.lang);
    this.typing = make("p", { className: "typing" });
    this.notice = make("p", { className: "notice", role: "status", hidden: true });
    const { form, field } = this.composer((text) => this.say(text));
    Object.assign(this, { form, field });
    this.form = form;
    this.field = field;
    this.again = make("button", { type: "button", className: "wide", textContent: this.texts.again });
    this.again.onclick = () => this.forget();
    this.foot = make("div", { className: "foot" }, this.form);
    this.view = make("div", { className: "talk" }, this.lines.log, this.typing, this.notice, this.foot);
    this.reset();
  }

  reset() {
    this.token = "";
    this.i = 0;
    this.last = 0;
    this.opening = false;
    this.open = false;
    this.startKey = "";
    this.agent = { name: "", picture: "" };
    /** @type {Map<string, string>} what is on its way, for the way without a socket */
    this.waiting = new Map();
    this.typedAt = 0;
    this.lines.clear();
    this.typing.textContent = "";
    this.foot.replaceChildren(this.form);
  }

  /** One key per chat: asked twice, it is the same chat. */
  key() {
    this.startKey ||= key();
    return this.startKey;
  }

  /** @param {(text: string) => void} send */
  composer(send) {
    const field = make("textarea", { rows: 1, "aria-label": this.texts.field, placeholder: this.texts.field,
      maxLength: this.config.maxLine, enterKeyHint: "send" });
    const button = make("button", { className: "send", "aria-label": this.texts.send, title: this.texts.send }, icon(ICONS.send));
    const form = make("form", {}, field, button);
    const submit = () => {
      const text = field.value.trim();
      if (!text) return;
      field.value = "";
      size();
      send(text);
    };
    const size = () => {
      field.style.height = "auto";
      field.style.height = `${Math.min(field.scrollHeight, 140)}px`;
    };
    field.oninput = () => {
      size();
      this.typed();
    };
    field.onkeydown = (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      submit();
    };
    form.onsubmit = (/** @type {Event} */ event) => {
      event.preventDefault();
      submit();
    };
    return { form, field };
  }

  /** Somebody is being found. @param {{name: string, picture: string} | null} agent */
  meet(agent) {
    const startKey = this.startKey;
    this.reset();
    this.startKey = startKey;
    this.opening = true;
    this.meets(agent?.name || "", agent?.picture || "", agent ? "" : this.texts.waiting);
  }

  /** It did not come to a chat. */
  leave() {
    this.link?.close();
    this.link = null;
    this.reset();
  }

  /** The server has opened it. @param {string} token */
  begin(token) {
    this.app.token(token);
    this.resume(token);
  }

  /** @param {string} token */
  resume(token) {
    this.token = token;
    this.opening = false;
    this.link?.close();
    this.app.show();
    this.app.live(true);
    const address = new URL(this.config.socket, location.href);
    address.protocol = address.protocol.replace("http", "ws");
    this.link = new Transport({
      url: address.href,
      hello: () => ({ token: this.token, site: this.config.site }),
      onFrame: (/** @type {any} */ frame) => this.hear(frame),
      onState: (/** @type {string} */ state) => this.connected(state === "open"),
    });
  }

  /** The visitor wants another one: this one is left behind. */
  forget() {
    this.leave();
    this.app.token(null);
    this.app.over();
  }

  async end() {
    try {
      await this.ask("end", { token: this.token });
    } catch {
      this.tell(this.texts.failed);
    }
  }

  // -- said by us

  /** @param {string} text */
  say(text) {
    const client_id = key();
    this.lines.pending(client_id, text);
    this.waiting.set(client_id, text);
    this.typedAt = 0;
    this.link?.say(this.i, client_id, text);
  }

  typed() {
    const now = performance.now();
    if (!this.i || now - this.typedAt < TYPING_SECONDS * 1000) return;
    this.typedAt = now;
    this.link?.send({ t: "typing", i: this.i });
  }

  seen() {
    this.open = true;
    if (this.i && this.last && !document.hidden) this.link?.send({ t: "read", i: this.i, seq: this.last });
    this.lines.toEnd();
  }

  // -- heard

  /** @param {any} frame */
  hear(frame) {
    /** @type {Record<string, () => void>} */
    const means = {
      welcome: () => this.welcomed(frame),
      message: () => this.message(frame),
      ack: () => this.waiting.delete(frame.client_id),
      typing: () => frame.who === "agent" && this.types(frame.name),
      read: () => frame.who === "agent" && this.lines.read(frame.seq),
      error: () => this.refused(frame),
    };
    means[frame.t]?.();
  }

  /** @param {any} frame */
  welcomed({ i, agent, status }) {
    this.i = i;
    if (agent) this.meets(agent.name, agent.picture, "");
    else if (status === "waiting") this.meets("", "", this.texts.waiting);
  }

  /** @param {string} name @param {string} picture @param {string} said */
  meets(name, picture, said) {
    this.agent = { name, picture };
    this.app.who(name, picture, said);
  }

  /** @param {any} frame */
  message({ i, seq, m }) {
    this.i = i;
    this.last = Math.max(this.last, seq);
    if (m.client_id) this.waiting.delete(m.client_id);
    this.lines.show(seq, m, vote);
    if (m.author === "agent") {
      this.types("");
      if (m.agent) this.meets(m.agent.name, m.agent.picture, "");
    }
    if (m.kind === "event") this.happened(m.body);
    if (m.author === "customer") return;
    if (this.open) this.seen();
    else if (m.kind !== "event" || m.body.event === "greeting") this.app.unread();
  }

  /** @param {Record<string, any>} body */
  happened(body) {
    if (body.event === "assigned") {
      this.meets(body.agent, body.agent === this.agent.name ? this.agent.picture : "", "");
      // the welcome carries the picture
      this.link?.hello();
    }
    const over = body.event === "closed" || body.event === "left" || body.event === "ended";
    if (!over && body.event !== "reopened") return;
    this.foot.replaceChildren(over ? this.again : this.form);
    this.app.live(!over);
    if (over) this.types("");
  }

  /** @param {string} name */
  types(name) {
    clearTimeout(this.typingEnds);
    this.typing.textContent = name ? fill(this.texts.typing, { name }) : "";
    if (name) this.typingEnds = setTimeout(() => this.types(""), 5000);
  }

  /** @param {any} frame */
  refused({ code, client_id }) {
    if (code === "forbidden" && !client_id) this.gone();
    else if (code === "too_large") this.tell(this.texts.too_large);
    else if (code === "too_fast") this.tell(this.texts.busy);
  }

  gone() {
    this.leave();
    this.app.token(null);
    this.app.over(this.texts.gone);
  }

  // -- the connection

  /** @param {boolean} open */
  connected(open) {
    clearTimeout(this.offline);
    clearInterval(this.polling);
    if (open) return this.tell(this.notice.hidden ? "" : this.texts.online, 2000);
    if (!this.token) return;
    this.offline = setTimeout(() => this.tell(this.texts.offline), 1500);
    this.polling = setInterval(() => this.poll(), POLL_SECONDS * 1000);
  }

  /** No socket gets through: the same lines by POST; the server stores each once. */
  async poll() {
    try {
      for (const [client_id, text] of [...this.waiting]) {
        await this.ask("say", { token: this.token, client_id, text });
      }
      const since = await this.ask("lines", { token: this.token, after: this.last });
      for (const frame of since.frames) this.hear(frame);
      this.tell("");
    } catch (error) {
      const { code } = /** @type {any} */ (error);
      if (code === "forbidden") this.gone();
    }
  }

  /** @param {string} said @param {number} [milliseconds] */
  tell(said, milliseconds) {
    this.notice.textContent = said;
    this.notice.hidden = !said;
    clearTimeout(this.notices);
    if (said && milliseconds) this.notices = setTimeout(() => this.tell(""), milliseconds);
  }
}

/** The card's own address counts the vote. @param {string} address @param {number} score */
async function vote(address, score) {
  const response = await fetch(address, {
    method: "POST",
    credentials: "same-origin",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ score }),
  });
  if (!response.ok) throw new Error(String(response.status));
  return response.json();
}
