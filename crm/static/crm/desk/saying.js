// @ts-check
/** What the agent says: shown at once, sent by the socket, by POST where there is none. */
import { newKey } from "../unsent.js";
import { Refused } from "./api.js";
import { close, proposals } from "./closing.js";
import { byId, h, toast } from "./dom.js";
import * as time from "./time.js";
import { upload } from "./upload.js";

/** A chat line can be taken back for so long; the next one, or whatever is done, sends it. */
const HOLD = 3000;
const HELD = "bravo.held.";

export class Saying {
  /**
   * @param {any} setup
   * @param {import("./api.js").Api} api
   * @param {import("./feed.js").Feed} feed
   * @param {{state: () => import("./shape.js").State, change: (event: any) => void,
   *   failed: (error: unknown) => void, sent: (i: number, kind: string, text: string) => void,
   *   write: (i: number, text: string) => void, closed: (i: number, name: string) => void}} desk
   * @param {import("./letters.js").Letters} letters
   */
  constructor(setup, api, feed, desk, letters) {
    this.setup = setup;
    this.letters = letters;
    /** What a letter of the last minutes had, to be called back. @type {Map<number, any>} */
    this.left = new Map();
    /** Lines that leave in a moment. @type {Map<number, {key: string, text: string, timer: number}>} */
    this.held = new Map();
    this.api = api;
    this.feed = feed;
    this.desk = desk;
    addEventListener("pagehide", () => this.flush());
    // after a crash they are in the field again
    for (const name of Object.keys(localStorage).filter((one) => one.startsWith(HELD))) {
      queueMicrotask(() => this.desk.write(Number(name.slice(HELD.length)), localStorage.getItem(name) || ""));
      queueMicrotask(() => localStorage.removeItem(name));
    }
  }

  /** @param {number} i @param {string} key @param {string} text */
  hold(i, key, text) {
    localStorage.setItem(HELD + i, text);
    this.held.set(i, { key, text, timer: window.setTimeout(() => this.release(i), HOLD) });
  }

  /** @param {number} i */
  release(i) {
    const line = this.held.get(i);
    if (!line) return;
    this.forget(i);
    this.desk.change({ t: "resent", i, client_id: line.key });
    if (this.feed.ready) this.feed.say(i, line.key, line.text, "text");
    else this.fallback(i, line.text, "text", line.key);
  }

  /** @param {number} i */
  forget(i) {
    clearTimeout(this.held.get(i)?.timer);
    this.held.delete(i);
    localStorage.removeItem(HELD + i);
  }

  flush() {
    for (const i of [...this.held.keys()]) this.release(i);
  }

  /** Not said: in the field again. @param {number} i */
  undo(i) {
    const line = this.held.get(i);
    if (!line) return false;
    this.forget(i);
    this.desk.change({ t: "unsaid", i, client_id: line.key });
    this.desk.write(i, line.text);
    return true;
  }

  /** @param {number} i @param {string} text @param {string} kind @param {string} then @param {boolean} personal @param {number} [begun] what was read when it was begun */
  async send(i, text, kind, then, personal, begun) {
    const row = this.desk.state().rows[i];
    if (text.length > (row && this.setup.channels[row.channel]?.live ? 10000 : 100000)) {
      toast(this.setup.texts.too_long, true);
      return;
    }
    if (personal && !row.verified) {
      toast(this.setup.texts.not_verified_stop, true);
      return;
    }
    const envelope = kind === "text" ? this.letters.take(i) : { cc: "", bcc: "", files: [] };
    if (!envelope) return;
    const mark = { ...envelope, ...(personal ? { personal: 1 } : {}), ...(begun === undefined ? {} : { begun }) };
    if (then === "close") {
      close(this.setup, row, await proposals(this.api, i), async (fields) => {
        await this.letter(i, text, kind, then, newKey(), { ...fields, ...mark });
        this.gone(i, text, kind);
      });
      return;
    }
    const live = this.setup.channels[row.channel]?.live && !personal; // what is personal is checked by POST
    const waits = live && kind === "text";
    this.release(i);
    const key = newKey();
    const line = { client_id: key, text, kind, personal, more: mark, at: new Date(time.now()).toISOString(), state: waits ? "held" : "sending" };
    this.desk.change({ t: "unsent", i, line });
    this.gone(i, text, kind);
    if (waits) this.hold(i, key, text);
    else if (live && this.feed.ready) this.feed.say(i, key, text, kind);
    else if (live) this.fallback(i, text, kind, key);
    else this.letter(i, text, kind, then, key, mark).catch((error) => this.notSent(i, key, text, mark, error));
  }

  /** A line that does not leave is in the field again. @param {{i: number, client_id?: string}} event */
  stopped({ i, client_id }) {
    const line = this.desk.state().unsent[i]?.find((one) => one.client_id === client_id);
    if (line) {
      this.desk.change({ t: "unsaid", i, client_id });
      this.desk.write(i, line.text);
    }
    toast(this.setup.texts.stopped, true);
  }

  /** The field is for the next words. @param {number} i @param {string} text @param {string} kind */
  gone(i, text, kind) {
    this.desk.sent(i, kind, text);
    if (kind === "text") this.letters.sent(i);
  }

  /** Refused: it is in the field again, to be mended; else it can be sent again as it is.
   * @param {number} i @param {string} key @param {string} text @param {any} envelope @param {unknown} error */
  notSent(i, key, text, envelope, error) {
    const refused = error instanceof Refused && error.status >= 400 && error.status < 500;
    this.desk.change(refused ? { t: "unsaid", i, client_id: key } : { t: "error", i, client_id: key, code: "failed" });
    if (refused) {
      this.letters.back(i, envelope);
      this.desk.write(i, text);
    }
    this.desk.failed(error);
  }

  /** An answer that has not left yet is in the field again. @param {number} i @param {number} message */
  async callBack(i, message) {
    try {
      const { text, row } = await this.api.post(`${i}/call_back/`, { message });
      const envelope = this.left.get(message);
      if (envelope) this.letters.back(i, envelope);
      this.desk.write(i, text);
      this.desk.change({ t: "rows", rows: row ? [row] : [] });
      toast(this.setup.texts.done_call_back);
    } catch (error) {
      this.desk.failed(error);
    }
  }

  /** Without a socket: by POST; and when that fails too, the socket says it as soon as it is back. @param {number} i @param {string} text @param {string} kind @param {string} key */
  async fallback(i, text, kind, key) {
    this.feed.say(i, key, text, kind);
    try {
      await this.api.post(`${i}/say/`, { text, kind, client_id: key });
      this.feed.forget(key);
      this.desk.change({ t: "ack", i, client_id: key });
      this.desk.change({ t: "opened", i, ...(await this.api.get(`${i}/`)) });
    } catch (error) {
      if (error instanceof Refused && error.status >= 400 && error.status < 500) {
        this.feed.forget(key);
        this.desk.change({ t: "error", i, client_id: key, code: error.code });
      }
    }
  }

  /** One message of a channel that is not live. @param {number} i @param {string} text @param {string} kind @param {string} then @param {string} key @param {Record<string, any>} more */
  async letter(i, text, kind, then, key, more) {
    const { files = [], ...fields } = more;
    const said = { text, kind, client_id: key, then, ...fields };
    const name = this.desk.state().rows[i]?.customer.name || "";
    const answer = files.length ? await this.withFiles(i, said, files) : await this.api.post(`${i}/say/`, said);
    if (answer.said) this.left.set(answer.said, { cc: more.cc || "", bcc: more.bcc || "", files });
    if (answer.row) this.desk.change({ t: "rows", rows: [answer.row] });
    if (this.desk.state().talks[i]) this.desk.change({ t: "opened", i, ...(await this.api.get(`${i}/`)) });
    if (then) toast(this.setup.texts[`done_${then}`]);
    if (answer.pulse) this.desk.closed(i, name);
  }

  /** @param {number} i @param {Record<string, any>} said @param {File[]} files */
  async withFiles(i, said, files) {
    const body = new FormData();
    for (const [name, value] of Object.entries(said)) if (value) body.append(name, String(value));
    for (const file of files) body.append("files", file, file.name);
    const bar = h("progress", { max: 1, value: 0, "aria-label": this.setup.texts.sending });
    const row = h("li", {}, h("span", { text: this.setup.texts.sending }), bar);
    byId("desk-files").append(row);
    try {
      return await upload(this.setup, `${i}/say/`, body, (share) => (bar.value = share)).done;
    } finally {
      row.remove();
    }
  }

  /** @param {number} i @param {string} key */
  retry(i, key) {
    const line = this.desk.state().unsent[i]?.find((one) => one.client_id === key);
    const row = this.desk.state().rows[i];
    if (!line || !row) return;
    this.desk.change({ t: "resent", i, client_id: key });
    const live = this.setup.channels[row.channel]?.live && !line.personal;
    if (live && this.feed.ready) this.feed.say(i, key, line.text, line.kind);
    else this.letter(i, line.text, line.kind, "", key, line.more || {}).catch((error) => this.notSent(i, key, line.text, line.more, error));
  }
}
