// @ts-check
// Files in a conversation: on their way, and as they are shown.

import { newKey } from "../crm/unsent.js";
import { icon, ICONS, make } from "./dom.js";

const RENEW = 240000; // a link is good for five minutes

export class Files {
  /** @param {any} talk the conversation */
  constructor(talk) {
    this.talk = talk;
    /** @type {Map<number, HTMLAnchorElement>} message → what leads to its file */
    this.links = new Map();
    /** @type {Set<number>} */
    this.fresh = new Set();
    setInterval(() => document.hidden || this.ask([...this.links.keys()]), RENEW);
  }

  /** @param {HTMLElement} place @param {number} id @param {{name: string, type: string, size: number}} file */
  show(place, id, { name, type, size }) {
    const link = make("a", { className: "file", target: "_blank" });
    if (/^image\/(png|jpeg|gif|webp)$/.test(type)) link.append(make("img", { alt: name }));
    else link.append(icon(ICONS.file), make("span", {}, name, make("small", {}, this.size(size))));
    place.replaceChildren(link);
    this.links.set(id, link);
    if (!this.fresh.size) setTimeout(() => this.ask([...this.fresh]));
    this.fresh.add(id);
  }

  /** @param {number} bytes */
  size(bytes) {
    const [value, unit] = bytes < 1e6 ? [Math.max(bytes / 1e3, 1), "kilobyte"] : [bytes / 1e6, "megabyte"];
    return new Intl.NumberFormat(this.talk.config.lang, { style: "unit", unit, maximumFractionDigits: value < 10 ? 1 : 0 }).format(value);
  }

  /** @param {number[]} ids */
  async ask(ids) {
    this.fresh.clear();
    if (!ids.length) return;
    const { token, texts } = this.talk;
    const { links } = await this.talk.ask("links", { token, ids }).catch(() => ({}));
    for (const id of links ? ids : []) {
      const link = /** @type {HTMLAnchorElement} */ (this.links.get(id));
      const picture = link.querySelector("img");
      if (!links[id]) link.replaceChildren(`${picture?.alt || link.textContent} (${texts.file_gone})`);
      else {
        link.href = links[id];
        if (picture && !picture.src) picture.src = links[id];
      }
    }
  }

  /** @param {Iterable<File>} files */
  send(files) {
    for (const file of files) this.one(file);
  }

  /** One line of its own: how it looks, how far it is, and the way back. @param {File} file */
  one(file) {
    const { texts, config, lines, token } = this.talk;
    const client_id = newKey();
    const { item, note } = lines.pending(client_id, file.name);
    if (file.type.startsWith("image/")) {
      const picture = make("img", { alt: file.name, src: URL.createObjectURL(file) });
      picture.onload = () => {
        URL.revokeObjectURL(picture.src);
        item.firstChild.replaceChildren(picture);
      };
    }
    const button = (/** @type {string} */ textContent, /** @type {() => void} */ onclick) => make("button", { textContent, onclick });
    const bar = make("progress", { max: 1, "aria-label": file.name });
    const call = new XMLHttpRequest(); // fetch does not tell how much has left
    const post = () => {
      const body = new FormData();
      for (const [name, value] of Object.entries({ token, client_id, site: config.site, file })) body.append(name, value);
      bar.value = 0;
      note.replaceChildren(bar, button(texts.cancel, () => call.abort()));
      call.open("POST", `${config.doors}file`);
      call.send(body);
    };
    const failed = (/** @type {string} */ code) => {
      const final = texts[`file_${code}`];
      note.replaceChildren(make("span", { role: "alert" }, final || texts.file_failed),
        final ? "" : button(texts.file_again, post), button(texts.file_remove, () => item.remove()));
    };
    call.upload.onprogress = ({ loaded, total }) => (bar.value = loaded / total);
    call.onabort = () => item.remove();
    call.onerror = () => failed("");
    call.onload = () => call.status < 300 ? note.replaceChildren() : failed(/"code": ?"(\w+)"/.exec(call.responseText)?.[1] || "");
    if (file.size > config.maxFile) failed("too_large");
    else post();
  }
}
