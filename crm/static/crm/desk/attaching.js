// @ts-check
/** Files the agent sends: chosen, pasted or dropped; each shows how far it is until it is a message. */
import { newKey } from "../unsent.js";
import { byId, h, icon, toast } from "./dom.js";

export class Attaching {
  /** @param {any} setup @param {() => number|null} open the exchange that may be answered */
  constructor(setup, open) {
    this.setup = setup;
    this.open = open;
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
    if (i !== null) for (const file of Array.from(files)) this.one(i, file);
  }

  /** @param {number} i @param {File} file */
  one(i, file) {
    const { texts, urls, csrf } = this.setup;
    const call = new XMLHttpRequest(); // fetch does not tell how much has left
    const bar = h("progress", { max: 1, value: 0, "aria-label": file.name });
    const stop = h("button", { type: "button", "aria-label": texts.cancel, title: texts.cancel, onclick: () => call.abort() }, icon("close"));
    const row = h("li", {}, h("span", { text: file.name }), bar, stop);
    const ended = (/** @type {string} */ why) => {
      row.remove();
      if (why) toast(`${file.name}: ${why}`, true);
    };
    call.upload.onprogress = ({ loaded, total }) => (bar.value = loaded / total);
    call.onabort = () => ended("");
    call.onerror = () => ended(texts.failed_action);
    call.onload = () => ended(call.status < 300 ? "" : reason(call.responseText) || texts.failed_action);
    const body = new FormData();
    body.append("client_id", newKey());
    body.append("file", file);
    call.open("POST", `${urls.base}${i}/file/`);
    for (const [name, value] of [["Accept", "application/json"], ["X-CSRFToken", csrf], ["X-Requested-With", "fetch"]]) {
      call.setRequestHeader(name, value);
    }
    if (file.size > this.setup.most_bytes) return ended(texts.file_too_large);
    this.under.append(row);
    call.send(body);
  }
}

/** @param {string} answer */
function reason(answer) {
  try {
    return JSON.parse(answer).message || "";
  } catch {
    return ""; // a page of somebody between us and the server
  }
}
