// @ts-check
// One conversation: what was said, what is on its way, and the socket or the way without one.

import { Transport } from "../crm/transport.js";
import { newKey, sessionStore } from "../crm/unsent.js";
import { attaches, composer } from "./composer.js";
import { fill, make } from "./dom.js";
import { Files } from "./files.js";
import { Lines } from "./lines.js";

const POLL_SECONDS = 4;
const TYPING_SECONDS = 3;
const UNSENT_SECONDS = 1.1; // the server passes one on per second

export class Talk {
  /**
   * @param {any} config
   * @param {(door: string, more?: object) => Promise<any>} ask
   * @param {{token: (token: string | null) => void, who: (name: string, picture: string, said: string) => void,
   *   live: (live: boolean) => void, unread: () => void, over: (notice?: string) => void, page: () => {url: string, title: string}, show: () => void, ways: (ways: any[]) => HTMLElement[]}} app
   */
  constructor(config, ask, app) {
    this.config = config;
    this.ask = ask;
    this.app = app;
    /** @type {Record<string, string>} */
    this.texts = config.texts;
    this.lines = new Lines(config.texts, config.lang);
    this.lines.change = (message, away) => this.change(message, away);
    /** The line that is being said differently. */
    this.editing = 0;
    this.typing = make("p", { className: "typing" });
    this.notice = make("p", { className: "notice", role: "status", hidden: true });
    this.files = new Files(this);
    this.lines.file = (place, id, file) => this.files.show(place, id, file);
    const { form, field } = this.composer((text) => this.say(text));
    attaches(this.config, form, field, (event, chosen) => this.attach(event, chosen));
    this.form = form;
    this.field = field;
    this.again = make("button", { className: "wide", textContent: this.texts.again });
    this.again.onclick = () => this.gone("");
    this.goOn = make("button", { className: "quiet wide", textContent: this.texts.go_on });
    this.goOn.onclick = () => {
      this.foot.replaceChildren(this.form);
      this.field.focus();
    };
    this.foot = make("div", { className: "foot" }, this.form);
    this.elsewhere = make("div", { className: "elsewhere", hidden: true });
    this.view = make("div", { className: "talk" }, this.lines.log, this.elsewhere, this.typing, this.notice, this.foot);
    this.view.ondragover = (/** @type {Event} */ event) => event.preventDefault();
    this.view.ondrop = (/** @type {DragEvent} */ event) => this.attach(event, event.dataTransfer?.files);
    /** @type {Transport | null} */
    this.link = null;
    /** The token of the chat before this one. */
    this.before = "";
    this.offline = this.polling = this.notices = this.typer = this.typingEnds = 0;
    this.reset();
  }

  reset() {
    this.token = "";
    this.i = 0;
    /** @type {number} */
    this.last = 0;
    this.opening = false;
    this.open = false;
    /** @type {string} */
    this.startKey = "";
    /** Said while the chat is being opened: sent as soon as there is one. @type {[string, string][]} */
    this.early = [];
    this.simulated = false;
    /** @type {{name: string, picture: string}} */
    this.agent = { name: "", picture: "" };
    /** @type {number} */
    this.typedAt = 0;
    this.lines.clear();
    this.instead();
    this.files.links.clear();
    this.typing.textContent = "";
    this.foot.replaceChildren(this.form);
  }

  /** One key per chat: asked twice, it is the same chat. */
  key() {
    return (this.startKey ||= newKey());
  }

  /** @param {(text: string) => void} send */
  composer(send) {
    return composer(this.config, send, () => this.typed());
  }

  /** @param {Event} event @param {ArrayLike<File>} [chosen] */
  attach(event, chosen) {
    if (!chosen?.length || !this.form.isConnected) return;
    event.preventDefault();
    if (this.token) this.files.send(/** @type {any} */ (chosen));
  }

  /** Somebody is being found. @param {{name: string, picture: string} | null} agent */
  meet(agent) {
    const startKey = this.startKey;
    this.reset();
    this.startKey = startKey;
    this.opening = true;
    this.meets(agent?.name || "", agent?.picture || "", agent ? "" : this.texts.waiting);
  }

  /** It did not come to a chat, or it is left behind. Gives back what was said too early. */
  leave() {
    const unsent = this.early.map(([, text]) => text).join("\n");
    if (this.link) {
      this.link.pending.clear();
      this.link.close();
    }
    this.link = null;
    clearInterval(this.polling);
    this.tell("");
    this.reset();
    return unsent;
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
    this.link = new Transport({
      url: this.config.socket,
      hello: () => ({ token: this.token, site: this.config.site }),
      onFrame: (frame) => this.hear(frame),
      onLine: (_line, state) => state === "refused" && this.tell(this.texts.failed),
      onState: (state) => (state === "over" ? this.gone() : this.connected(state)),
      store: sessionStore(),
      key: `bravo.lines.${token.slice(-12)}`,
    });
    // typed before the page was loaded again
    for (const { client_id, text } of this.link.pending.values()) this.lines.pending(client_id, text);
    for (const [client_id, text] of this.early.splice(0)) this.link.say(this.i, client_id, text);
  }

  async end() {
    try {
      await this.ask("end", { token: this.token });
    } catch {
      this.tell(this.texts.failed);
    }
  }

  // -- said by us

  /** @param {{id: number, text: string}} message @param {boolean} away */
  change({ id, text }, away) {
    if (away) return void this.link?.send({ t: "delete", i: this.i, id });
    this.editing = id;
    this.field.value = text;
    this.field.focus();
  }

  /** @param {string} text */
  say(text) {
    const id = this.editing;
    this.editing = 0;
    if (id && this.link?.send({ t: "edit", i: this.i, id, text })) return;
    const client_id = newKey();
    this.lines.pending(client_id, text);
    this.typedAt = 0;
    clearTimeout(this.typer);
    if (this.link) this.link.say(this.i, client_id, text);
    else this.early.push([client_id, text]);
  }

  typed() {
    const { unsent } = this.config; // whether they may be read before they are sent
    const left = this.typedAt - performance.now();
    clearTimeout(this.typer);
    if (unsent && left > 0) this.typer = window.setTimeout(() => this.typed(), left);
    if (!this.i || left > 0) return;
    this.typedAt = performance.now() + 1000 * (unsent ? UNSENT_SECONDS : TYPING_SECONDS);
    this.link?.typing(this.i, unsent ? this.field.value : undefined);
  }

  seen() {
    this.open = true;
    if (this.i && this.last && !document.hidden) this.link?.read(this.i, this.last);
    this.lines.toEnd();
  }

  // -- heard

  /** @param {any} frame */
  hear(frame) {
    /** @type {Record<string, () => void>} */
    const means = {
      welcome: () => this.welcomed(frame),
      message: () => this.message(frame),
      typing: () => frame.who === "agent" && this.types(frame.name),
      read: () => frame.who === "agent" && this.lines.read(frame.seq),
      error: () => this.refused(frame),
      line: () => this.agent.name || this.meets("", "", frame.text),
    };
    means[frame.t]?.();
  }

  /** @param {any} frame */
  welcomed({ i, agent, status, ways }) {
    this.i = i;
    this.instead(status === "waiting" ? ways : []);
    this.turned(this.app.page());
    this.simulated = Boolean(agent?.simulated);
    if (agent) this.meets(agent.name, agent.picture, "");
    else if (status === "waiting") this.meets("", "", this.texts.waiting);
  }

  /** Whoever waits need not. @param {any[]} [ways] */
  instead(ways = []) {
    this.elsewhere.hidden = !ways.length;
    this.elsewhere.replaceChildren(make("p", {}, this.texts.elsewhere), make("div", {}, ...this.app.ways(ways)));
  }

  /** The page around us is another one. @param {{url: string, title: string}} page */
  turned({ url, title }) {
    if (this.i && url) this.link?.send({ t: "page", i: this.i, url, title });
  }

  /** @param {string} name @param {string} picture @param {string} said */
  meets(name, picture, said) {
    this.agent = { name, picture };
    if (name) this.instead();
    this.app.who(name, picture, said || (this.simulated ? this.texts.simulated : ""));
  }

  /** @param {any} frame */
  message({ i, seq, m }) {
    this.i = i;
    this.last = Math.max(this.last, seq);
    this.lines.show(seq, m);
    if (m.author === "agent") {
      this.types("");
      if (m.agent) this.meets(m.agent.name, m.agent.picture, "");
    }
    if (m.kind === "event") this.happened(m.body);
    if (m.body?.card === "closed_today") {
      this.meets("", "", ""); // in no line any more
      this.instead(); // the card has the other ways
    }
    if (m.author === "customer") return;
    if (this.open) this.seen();
    else if (m.kind !== "event" || m.text) this.app.unread();
  }

  /** @param {Record<string, any>} body */
  happened(body) {
    if (body.event === "assigned") {
      this.meets(body.agent, body.agent === this.agent.name ? this.agent.picture : "", "");
      // the welcome carries the picture
      this.link?.hello();
    }
    if (["waiting", "transferred", "reopened"].includes(body.event)) {
      this.meets("", "", this.texts.waiting);
      this.link?.hello(); // tells the place in line
    }
    const closed = body.event === "closed";
    const over = closed || body.event === "left" || body.event === "ended";
    if (!over && body.event !== "reopened") return;
    // silence is undone by writing; whoever closed it on purpose is asked first
    if (!over || body.outcome === "silent") this.foot.replaceChildren(this.form);
    // what was handed on goes on where it went, not here
    else this.foot.replaceChildren(this.again, ...(closed && body.outcome !== "handed_on" ? [this.goOn] : []));
    this.app.live(!over);
    if (over) {
      this.instead();
      if (!this.agent.name) this.meets("", "", ""); // no place in line any more
      this.types("");
    }
  }

  /** @param {string} name */
  types(name) {
    clearTimeout(this.typingEnds);
    this.typing.textContent = name ? fill(this.texts.typing, { name }) : "";
    if (name) this.typingEnds = window.setTimeout(() => this.types(""), 5000);
  }

  /** @param {any} frame */
  refused({ code, client_id }) {
    if (code === "forbidden" && !client_id) this.gone();
    else if (code === "too_large") this.tell(this.texts.too_large);
    else if (code === "too_fast") this.tell(this.texts.busy);
  }

  /** This one is left behind. @param {string} [notice] "" when the visitor wants another one */
  gone(notice = this.texts.gone) {
    this.before = this.token || "";
    this.leave();
    this.app.token(null);
    this.app.over(notice);
  }

  // -- the connection

  /** @param {string} state */
  connected(state) {
    if (state === "connecting") return;
    clearTimeout(this.offline);
    clearInterval(this.polling);
    if (state === "open") return this.tell(this.notice.hidden ? "" : this.texts.online, 2000);
    this.offline = window.setTimeout(() => this.tell(this.texts.offline), 1500);
    this.polling = window.setInterval(() => this.poll(), POLL_SECONDS * 1000);
  }

  /** No socket gets through: the same lines by POST; the server stores each once. */
  async poll() {
    const link = this.link;
    if (!link || link.ready) return;
    try {
      for (const { client_id, text } of [...link.pending.values()]) {
        link.settle(await this.ask("say", { token: this.token, client_id, text }), "stored");
      }
      link.hear(await this.ask("lines", { token: this.token, after: this.last }));
      this.tell("");
    } catch (error) {
      if (/** @type {any} */ (error).code === "forbidden") this.gone();
    }
  }

  /** @param {string} said @param {number} [milliseconds] */
  tell(said, milliseconds) {
    this.notice.textContent = said;
    this.notice.hidden = !said;
    clearTimeout(this.notices);
    if (said && milliseconds) this.notices = window.setTimeout(() => this.tell(""), milliseconds);
  }
}
