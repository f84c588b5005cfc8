// @ts-check
// The invitation: what the page tells of its reader, when the server is asked, and the card, which
// is shown and read out, never focused.

import { fill, make } from "./dom.js";

export class Inviting {
  refused = false;
  /** @type {string[]} */
  events = [];
  /** @type {Record<string, any>} */
  data = {};
  /** @type {any} the one on the screen */
  shown = null;
  shownAt = 0;
  seconds = 0;
  scroll = 0;

  /**
   * @param {Record<string, string>} texts
   * @param {{ask: (door: string, more: object) => Promise<any>, tell: (what: string, more?: object) => void,
   *   accept: () => void, quiet: () => boolean, memory: import("./memory.js").Memory}} app
   *   `quiet`: now is no time for one
   */
  constructor(texts, app) {
    this.texts = texts;
    this.app = app;
    this.turn(0);
    this.face = make("span", { className: "face", "aria-hidden": "true" });
    this.said = make("div", { className: "said", role: "status" });
    this.yes = make("button", { className: "yes", onclick: app.accept });
    this.view = make("section", { className: "invitation", hidden: true }, this.face, this.said,
      make("div", { className: "answers" }, this.yes, make("button", { textContent: texts.refuse, onclick: () => this.refuse() })));
    new ResizeObserver(() => this.view.hidden || app.tell("card", { height: this.view.offsetHeight })).observe(this.view);
  }

  /** Another page, looked at for so long. @param {number} seconds */
  turn(seconds) {
    this.seconds = seconds;
    this.scroll = 0;
    this.leaving = false;
    this.due = false;
    /** @type {number | null} */
    this.askAt = null;
    /** @type {any} */
    this.watches = {};
  }

  /** What the rules of this page wait for. @param {{ask_at: number | null, watch: any}} plan */
  plan({ ask_at, watch }) {
    this.askAt = ask_at;
    this.watches = watch;
  }

  /** A second more. @param {{seconds: number, typing: boolean, scroll: number, refused: boolean}} page */
  tick({ seconds, typing, scroll, refused }) {
    const before = this.scroll;
    this.seconds = seconds;
    this.scroll = Math.max(before, scroll);
    this.refused ||= refused; // in another tab, perhaps
    if (this.watches.scroll?.some((/** @type {number} */ mark) => before < mark && mark <= this.scroll)) this.due = true;
    if (this.shown) return void this.watch();
    if ((this.due || (this.askAt !== null && seconds >= this.askAt)) && !this.app.quiet()) this.ask(typing);
  }

  leaves() {
    this.due ||= !this.leaving && this.watches.leaving;
    this.leaving = true;
  }

  /** @param {string} name */
  event(name) {
    this.events = [...this.events, String(name)].slice(-20);
    this.due ||= this.watches.event;
  }

  /** @param {Record<string, any>} data */
  hear(data) {
    Object.assign(this.data, data);
    this.due ||= this.watches.data;
  }

  /** @param {boolean} typing */
  async ask(typing) {
    const { seconds, scroll, leaving, events, data, refused, app } = this;
    this.askAt = null;
    this.due = false;
    try {
      const facts = { seconds, typing, refused, scroll, leaving, events, data, ...app.memory.facts() };
      const { invitation, again } = await app.ask("invite", facts);
      this.askAt = again ? seconds + again : null;
      if (invitation && !app.quiet()) this.show(invitation);
    } catch {
      this.askAt = seconds + 30;
    }
  }

  /** @param {{name: string, picture: string, question: string}} invitation */
  show(invitation) {
    const { name, picture, question } = invitation;
    this.shown = invitation;
    this.shownAt = this.seconds;
    this.app.memory.invited();
    this.app.tell("card", { height: 0 });
    this.face.replaceChildren(picture ? make("img", { src: picture, alt: "" }) : name.slice(0, 1));
    this.yes.textContent = fill(this.texts.accept, { name });
    this.view.hidden = false;
    document.body.classList.add("inviting");
    this.said.replaceChildren(
      make("p", { className: "hint" }, fill(this.texts.invitation, { name })), make("p", { className: "ask" }, question));
    this.app.tell("host", { name: "invited" });
  }

  /** Off the screen; gives back what was shown. */
  hide() {
    const shown = this.shown;
    this.shown = null;
    this.view.hidden = true;
    this.said.replaceChildren();
    document.body.classList.remove("inviting");
    return shown;
  }

  /** While the card is on the screen: its time, and every five seconds its place. */
  async watch() {
    const { shown, app } = this;
    const since = this.seconds - this.shownAt;
    if (since <= 0 || (since < shown.seconds && since % 5)) return;
    const { good } = await app.ask("invitation", { invitation: shown.id }).catch(() => ({ good: since < shown.seconds }));
    if (!good && this.shown === shown) this.withdraw();
  }

  refuse() {
    const invitation = this.withdraw(true)?.id;
    this.refused = true;
    if (invitation) this.app.ask("invitation", { invitation, refuse: true }).catch(() => {});
  }

  /** @param {boolean} [no] the visitor's own word, kept as one value without a name */
  withdraw(no = false) {
    if (!this.shown) return;
    const focus = this.view.contains(document.activeElement);
    this.app.tell("withdraw", { no, focus });
    return this.hide();
  }
}
