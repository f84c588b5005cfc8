// @ts-check
/** Files the agent sends: chosen, pasted or dropped. In a live conversation each is a message at
 * once and shows how far it is; with a letter they wait until it is sent (letters.js). */
import { newKey } from "../unsent.js";
import { Refused } from "./api.js";
import { byId, h, icon, toast } from "./dom.js";
import { upload } from "./upload.js";

export class Attaching {
  /** @param {any} setup @param {() => number|null} open the exchange that may be answered
   * @param {import("./letters.js").Letters} letters */
  constructor(setup, open, letters) {
    this.setup = setup;
    this.open = open;
    this.letters = letters;
    this.under = byId("desk-files");
    const choice = h("input", { type: "file", multiple: true }); // not in the page: unfold would dress it
    byId("desk-attach").addEventListener("click", () => choice.click());
    choice.addEventListener("change", () => {
      this.send(choice.files);
      choice.value = "";
    });
    byId("desk-field").addEventListener("paste", (/** @type {ClipboardEvent} */ event) => this.take(event, event.clipboardData));
    byId("desk-talk").addEventListener("dragover", (/** @type {Event} */ event) => event.preventDefault());
    byId("desk-talk").addEventListener("drop", (/** @type {DragEvent} */ event) => this.take(event, event.dataTransfer));
  }

  /** @param {Event} event @param {DataTransfer|null} data */
  take(event, data) {
    if (!data?.files.length) return;
    event.preventDefault();
    this.send(data.files);
  }

  /** @param {ArrayLike<File>} files */
  send(files) {
    const i = this.open();
    if (i === null) return;
    for (const file of Array.from(files)) {
      if (file.size > this.setup.most_bytes) toast(`${file.name}: ${this.setup.texts.file_too_large}`, true);
      else if (this.letters.takes()) this.letters.add(i, file);
      else this.one(i, file);
    }
  }

  /** @param {number} i @param {File} file */
  async one(i, file) {
    const { texts } = this.setup;
    const body = new FormData();
    body.append("client_id", newKey());
    body.append("file", file);
    const bar = h("progress", { max: 1, value: 0, "aria-label": file.name });
    const { done, stop } = upload(this.setup, `${i}/file/`, body, (share) => (bar.value = share));
    const row = h("li", {}, h("span", { text: file.name }), bar,
      h("button", { type: "button", "aria-label": texts.cancel, title: texts.cancel, onclick: stop }, icon("close")));
    this.under.append(row);
    try {
      await done;
    } catch (error) {
      if (error instanceof Refused && error.code !== "stopped") toast(`${file.name}: ${error.message}`, true);
    } finally {
      row.remove();
    }
  }
}
