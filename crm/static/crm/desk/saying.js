// @ts-check
/** What the agent says: shown at once, sent by the socket, by POST where there is none. */
import { newKey } from "../unsent.js";
import { Refused } from "./api.js";
import * as dialogs from "./dialogs.js";
import { toast } from "./dom.js";
import * as time from "./time.js";

export class Saying {
  /**
   * @param {any} setup
   * @param {import("./api.js").Api} api
   * @param {import("./feed.js").Feed} feed
   * @param {{state: () => import("./shape.js").State, change: (event: any) => void,
   *   failed: (error: unknown) => void, sent: (i: number, kind: string) => void}} desk
   */
  constructor(setup, api, feed, desk) {
    this.setup = setup;
    this.api = api;
    this.feed = feed;
    this.desk = desk;
  }

  /** @param {number} i @param {string} text @param {string} kind @param {string} then @param {boolean} personal */
  send(i, text, kind, then, personal) {
    const row = this.desk.state().rows[i];
    if (text.length > (row && this.setup.channels[row.channel]?.live ? 10000 : 100000)) {
      toast(this.setup.texts.too_long, true);
      return;
    }
    if (personal && !row.verified) {
      toast(this.setup.texts.not_verified_stop, true);
      return;
    }
    const mark = personal ? { personal: 1 } : {};
    if (then === "close") {
      dialogs.close(this.setup, row, (fields) =>
        this.letter(i, text, kind, then, newKey(), { ...fields, ...mark }));
      return;
    }
    const key = newKey();
    const line = { client_id: key, text, kind, personal, at: new Date(time.now()).toISOString(), state: "sending" };
    this.desk.change({ t: "unsent", i, line });
    this.desk.sent(i, kind);
    const live = this.setup.channels[row.channel]?.live && !personal; // what is personal is checked by POST
    if (live && this.feed.ready) this.feed.say(i, key, text, kind);
    else if (live) this.fallback(i, text, kind, key);
    else this.letter(i, text, kind, then, key, mark).catch((error) => {
      this.desk.change({ t: "error", i, client_id: key, code: "failed" });
      this.desk.failed(error);
    });
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
    const answer = await this.api.post(`${i}/say/`, { text, kind, client_id: key, then, ...more });
    this.desk.sent(i, kind);
    if (answer.row) this.desk.change({ t: "rows", rows: [answer.row] });
    if (this.desk.state().talks[i]) this.desk.change({ t: "opened", i, ...(await this.api.get(`${i}/`)) });
    if (then) toast(this.setup.texts[`done_${then}`]);
  }

  /** @param {number} i @param {string} key */
  retry(i, key) {
    const line = this.desk.state().unsent[i]?.find((one) => one.client_id === key);
    const row = this.desk.state().rows[i];
    if (!line || !row) return;
    this.desk.change({ t: "resent", i, client_id: key });
    const live = this.setup.channels[row.channel]?.live && !line.personal;
    if (live && this.feed.ready) this.feed.say(i, key, line.text, line.kind);
    else this.letter(i, line.text, line.kind, "", key, line.personal ? { personal: 1 } : {}).catch((error) => {
      this.desk.change({ t: "error", i, client_id: key, code: "failed" });
      this.desk.failed(error);
    });
  }
}
