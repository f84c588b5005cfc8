// @ts-check
/** Asks the server for what the state says is missing, one round after the other. */
import { Refused } from "./api.js";
import { toast } from "./dom.js";
import { takeAsks } from "./state.js";

/** @typedef {import("./shape.js").State} State */

const SOON = 40;

export class Asker {
  /**
   * @param {any} setup
   * @param {import("./api.js").Api} api
   * @param {{get: () => State, set: (state: State) => void, change: (event: any) => void,
   *   since: (i: number, after: number) => void}} desk
   */
  constructor(setup, api, desk) {
    this.setup = setup;
    this.api = api;
    this.desk = desk;
    this.timer = 0;
    this.busy = false;
  }

  /** Something may be missing. */
  look() {
    if (this.missing() && !this.timer) this.timer = window.setTimeout(() => this.ask(), SOON);
  }

  missing() {
    const { asks } = this.desk.get();
    return asks.rows.length || asks.seen.length || asks.heads.length || asks.snapshot || Object.keys(asks.since).length;
  }

  /** Everything in one round; the next one waits for it, so that answers keep order. */
  async ask() {
    if (this.busy) return;
    this.busy = true;
    const { api, desk } = this;
    const [rest, asks] = takeAsks(desk.get());
    desk.set(rest);
    this.timer = 0;
    try {
      for (const [i, after] of Object.entries(asks.since)) desk.since(Number(i), after);
      if (asks.snapshot) {
        const found = await api.get("snapshot/");
        this.setup.snoozes = found.snoozes;
        desk.change({ t: "snapshot", ...found });
      }
      if (asks.rows.length) desk.change({ t: "rows", ...(await api.get(`rows/?i=${asks.rows.join(",")}`)) });
      for (const i of asks.seen) {
        if (desk.get().talks[i]) desk.change({ t: "seen", ...(await api.get(`${i}/part/seen/`)) });
      }
      for (const i of asks.heads) {
        if (desk.get().talks[i]) desk.change({ t: "head", ...(await api.get(`${i}/part/head/`)) });
      }
    } catch (error) {
      // the next snapshot, at the latest after the reconnection, brings it
      if (error instanceof Refused && error.code === "signed_out") toast(error.message, true);
    } finally {
      this.busy = false;
      if (this.missing()) this.timer = window.setTimeout(() => this.ask(), 4 * SOON);
    }
  }
}
