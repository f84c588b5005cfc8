// @ts-check
/** Articles that may answer what the customer last wrote: put into the answer as a link or as text. */
import { byId, h, icon } from "./dom.js";

export class Helping {
  /** @param {any} setup @param {{ask: (i: number) => Promise<any>, insert: (text: string) => void}} on */
  constructor(setup, on) {
    this.setup = setup;
    this.on = on;
    this.box = byId("desk-helping");
    this.list = byId("desk-helping-list");
    this.key = "";
    // a phone has no room for both it and the conversation
    this.box.open = matchMedia("(min-width: 768px)").matches;
  }

  /** @param {number|null} i @param {any} talk @param {boolean} shown */
  render(i, talk, shown) {
    const last = talk?.order.findLast((/** @type {number} */ id) => isTheirs(talk.messages[id]));
    const key = shown && i !== null && last ? `${i}:${last}` : "";
    if (key === this.key) return;
    this.key = key;
    this.box.hidden = true;
    if (key && i !== null) void this.look(i, key);
  }

  /** @param {number} i @param {string} key */
  async look(i, key) {
    try {
      const { help } = await this.on.ask(i);
      if (this.key !== key || !help.length) return;
      this.list.replaceChildren(...help.map((/** @type {any} */ one) => this.line(one)));
      this.box.hidden = false;
    } catch {
      // a help that does not come is none; the next line asks again
    }
  }

  /** @param {{title: string, url: string, summary: string, text: string}} one */
  line(one) {
    const { texts } = this.setup;
    const put = (/** @type {string} */ name, /** @type {string} */ word, /** @type {string} */ text) => h("button", {
      type: "button", "aria-label": `${word} – ${one.title}`, title: word, onclick: () => this.on.insert(text),
    }, icon(name), h("span", { text: word }));
    return h("li", {},
      h("a", { href: one.url, target: "_blank", rel: "noopener", title: one.summary, text: one.title }),
      put("link", texts.help_link, `${one.title}\n${one.url}\n`),
      put("notes", texts.help_text, `${one.text}\n`));
  }
}

/** @param {any} m */
function isTheirs(m) {
  return m.author === "customer" && m.kind === "text";
}
