// @ts-check
/** Canned replies by `/`: put in filled in, and counted when they leave, as written or changed. */
import { newKey } from "../unsent.js";
import { byId, toast } from "./dom.js";
import { Picker } from "./picker.js";

/** @typedef {import("./picker.js").Choice} Choice */

export class Replies {
  /** @param {any} setup @param {import("./api.js").Api} api @param {import("./composer.js").Composer} composer */
  constructor(setup, api, composer) {
    this.api = api;
    this.composer = composer;
    /** What can be said in the open exchange. @type {{i: number|null, found: Promise<Choice[]>}} */
    this.known = { i: null, found: Promise.resolve([]) };
    /** What was put in and has not left. @type {Map<number, Choice[]>} */
    this.used = new Map();
    const picker = new Picker(setup, "/", {
      choices: () => this.choices(),
      chosen: (choice, from, to) => this.insert(choice, from, to),
    });
    byId("desk-replies").addEventListener("click", async () => {
      if (!(await this.choices()).length) return toast(setup.texts.no_replies);
      const { field } = composer;
      const before = field.value.slice(0, field.selectionStart);
      composer.insert(before && !/\s$/.test(before) ? " /" : "/");
      picker.look();
    });
  }

  /** @returns {Promise<Choice[]>} */
  choices() {
    const { i, mode } = this.composer;
    if (i === null || mode !== "text") return Promise.resolve([]);
    if (this.known.i !== i) {
      const found = this.api.get(`${i}/part/replies/`).then((answer) => answer.replies, () => {
        this.known.i = null; // asked again with the next key
        return [];
      });
      this.known = { i, found };
    }
    return this.known.found;
  }

  /** @param {Choice} choice @param {number} from @param {number} to */
  insert(choice, from, to) {
    const { i, field } = this.composer;
    if (i === null) return;
    field.setSelectionRange(from, to);
    this.composer.insert(choice.text);
    this.used.set(i, [...(this.used.get(i) || []), choice]);
  }

  /** These words have left. @param {number} i @param {string} text */
  sent(i, text) {
    for (const { id, text: written } of this.used.get(i) || []) {
      const edited = letters(text).includes(letters(written)) ? "" : 1;
      this.api.post(`${i}/use/`, { template: id, client_id: newKey(), edited }).catch(() => null);
    }
    this.used.delete(i);
  }
}

/** Spaces are set by themselves: they change nothing. @param {string} text */
function letters(text) {
  return text.replace(/\s+/g, "");
}
