// @ts-check
/** Beside the words of a letter: whom it goes to, what goes along, how it will look. */
import { byId, fill, h, icon, say, toast } from "./dom.js";

/** @typedef {{cc: string, bcc: string, files: File[]}} Envelope */

export class Letters {
  /** @param {any} setup @param {{preview: (i: number, text: string) => Promise<any>, insert: (text: string) => void, failed: (error: unknown) => void}} on */
  constructor(setup, on) {
    this.setup = setup;
    this.on = on;
    this.box = byId("desk-envelope");
    this.chips = byId("desk-letter-files");
    this.field = byId("desk-field");
    /** @type {Record<string, HTMLInputElement>} */
    this.copies = { cc: byId("desk-cc"), bcc: byId("desk-bcc") };
    /** @type {number|null} */
    this.i = null;
    /** What was chosen and not sent, per exchange. @type {Map<number, Envelope>} */
    this.kept = new Map();
    this.letter = null;
    /** @type {File[]} */
    this.files = [];
    byId("desk-copies").addEventListener("click", () => {
      this.unfold(true);
      this.copies.cc.focus();
    });
    for (const input of Object.values(this.copies)) input.addEventListener("input", () => this.keep());
    byId("desk-preview-open").addEventListener("click", () => this.preview());
  }

  /** @param {number|null} i @param {any} letter what the server says of an answer here @param {boolean} shown */
  render(i, letter, shown) {
    this.box.hidden = !shown || !letter;
    this.chips.hidden = this.box.hidden;
    if (this.box.hidden) {
      if (i === null) this.i = null;
      return;
    }
    if (this.letter !== letter) {
      this.letter = letter;
      say(byId("desk-to"), letter.to.join(", ") || this.setup.texts.no_address);
    }
    if (this.i === i || i === null) return;
    this.i = i;
    const kept = this.kept.get(i) || { cc: letter.cc.join(", "), bcc: "", files: [] };
    this.show(kept);
  }

  /** @param {Envelope} kept */
  show({ cc, bcc, files }) {
    this.copies.cc.value = cc;
    this.copies.bcc.value = bcc;
    this.files = files;
    this.unfold(Boolean(cc || bcc));
    this.draw();
  }

  /** @param {boolean} open */
  unfold(open) {
    byId("desk-copied").hidden = !open;
    byId("desk-copies").hidden = open;
  }

  /** Files go along with a letter here, instead of by themselves. */
  takes() {
    return !this.box.hidden;
  }

  keep() {
    if (this.i !== null) this.kept.set(this.i, { cc: this.copies.cc.value, bcc: this.copies.bcc.value, files: this.files });
  }

  /** @param {number} i @param {File} file */
  add(i, file) {
    if (this.i !== i) return;
    const { texts, most_letter_bytes } = this.setup;
    const all = [...this.files, named(file, this.files)];
    if (all.reduce((sum, one) => sum + one.size, 0) > most_letter_bytes) {
      toast(`${file.name}: ${texts.files_too_large}`, true);
      return;
    }
    this.files = all;
    this.keep();
    this.draw();
  }

  draw() {
    const { texts, language } = this.setup;
    const size = new Intl.NumberFormat(language, { style: "unit", unit: "kilobyte", maximumFractionDigits: 0 });
    this.chips.replaceChildren(...this.files.map((file) => h("li", {},
      icon(file.type.startsWith("image/") ? "image" : "draft"), h("span", { text: `${file.name} · ${size.format(Math.max(1, file.size / 1000))}` }),
      file.type.startsWith("image/") && h("button", { type: "button", text: texts.in_text, onclick: () => this.on.insert(`![](${file.name})`) }),
      h("button", { type: "button", "aria-label": fill(texts.remove_file, { name: file.name }), title: texts.remove, onclick: () => this.remove(file) }, icon("close")))));
  }

  /** @param {File} file */
  remove(file) {
    this.files = this.files.filter((one) => one !== file);
    this.keep();
    this.draw();
  }

  /** What goes with the words; null when an address is none. @param {number} i @returns {Envelope|null} */
  take(i) {
    if (this.i !== i || this.box.hidden) return { cc: "", bcc: "", files: [] };
    for (const input of Object.values(this.copies)) {
      if (input.checkValidity()) continue;
      this.unfold(true);
      toast(this.setup.texts.address_wrong_copy, true);
      input.focus();
      return null;
    }
    return { cc: this.copies.cc.value, bcc: this.copies.bcc.value, files: [...this.files] };
  }

  /** It has been sent. @param {number} i */
  sent(i) {
    this.kept.delete(i);
    if (this.i === i) this.show({ cc: this.letter?.cc.join(", ") || "", bcc: "", files: [] });
  }

  /** It has not been sent after all. @param {number} i @param {Envelope} envelope */
  back(i, envelope) {
    this.kept.set(i, envelope);
    if (this.i === i) this.show(envelope);
  }

  async preview() {
    if (this.i === null) return;
    const dialog = byId("desk-preview");
    try {
      const { subject, html } = await this.on.preview(this.i, this.field.value);
      say(dialog.querySelector("[data-subject]"), subject);
      const frame = dialog.querySelector("iframe");
      // its style sheet is for mail programs; ours allows none within the page
      frame.srcdoc = this.pictured(html.replace(/<style[\s\S]*?<\/style>/g, ""));
      for (const button of dialog.querySelectorAll("[data-cancel]")) button.onclick = () => dialog.close();
      dialog.showModal();
    } catch (error) {
      this.on.failed(error);
    }
  }

  /** Pictures that are still here only. @param {string} html */
  pictured(html) {
    return this.files.reduce((text, file) =>
      text.replaceAll(`[${file.name}]`, file.type.startsWith("image/") ? `<img alt="" style="max-width:100%" src="${URL.createObjectURL(file)}">` : `[${file.name}]`), html);
  }
}

/** Two files of one letter have two names: the text names its pictures. @param {File} file @param {File[]} others */
function named(file, others) {
  const [, stem, end] = /^(.*?)(\.[^.]*)?$/.exec(file.name) || ["", file.name, ""];
  const safe = stem.replace(/[()<>[\]\n]/g, "_");
  let name = safe + (end || "");
  for (let n = 2; others.some((one) => one.name === name); n += 1) name = `${safe}-${n}${end || ""}`;
  return name === file.name ? file : new File([file], name, { type: file.type });
}
