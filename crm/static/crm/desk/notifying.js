// @ts-check
/** What calls an agent who looks elsewhere: a soft sound, the system's own notification; by kind, as
 * chosen on this machine, and neither while the agent presents. Never the customer's words: who
 * stands beside the screen reads them too. */
import { ask } from "./dialogs.js";
import { byId, fill, h, say } from "./dom.js";
import { listed } from "./order.js";

/** @typedef {import("./shape.js").State} State @typedef {"line"|"assigned"|"waiting"|"colleague"} Kind */

/** Two notes each, in hertz: known apart without looking. @type {Record<Kind, number[]>} */
const NOTES = { line: [660, 880], assigned: [523, 784], waiting: [440, 440], colleague: [880, 660] };
const LOUD = 0.06;
const HOUR = 3600_000;
/** Who is there, has the customer before them. */
const PRESENTING = ["meeting", "training"];

export class Notifying {
  /** @param {any} setup @param {{open: (i: number) => void, current: () => number|null, state: () => State}} desk */
  constructor(setup, desk) {
    this.setup = setup;
    this.desk = desk;
    this.key = `bravo.notify.${setup.me.user}`;
    /** @type {Record<string, any>} */
    this.chosen = { line: ["sound", "shown"], assigned: ["sound", "shown"], waiting: [], colleague: ["sound", "shown"], quiet: 0,
      ...JSON.parse(localStorage.getItem(this.key) || "{}") };
    /** @type {Map<number, number>|null} unread lines of each of mine; null: nothing seen yet */
    this.mine = null;
    /** @type {Set<number>} */
    this.waiting = new Set();
    /** @type {AudioContext|null} */
    this.audio = null;
    this.button = byId("desk-notify-open");
    this.button.addEventListener("click", () => this.choose());
    this.paint();
  }

  /** What has come since the last look. @param {State} state */
  look(state) {
    const { mine, waiting } = listed(state);
    const unread = new Map(mine.map((row) => [row.i, row.unread.length]));
    if (this.mine) {
      const called = mine.find((row) => (unread.get(row.i) || 0) > (this.mine?.get(row.i) ?? Infinity));
      if (called) this.tell("line", called.i, called.customer.name);
      const came = waiting.find((row) => !this.waiting.has(row.i));
      if (came) this.tell("waiting", came.i, came.queue?.name || "");
    }
    this.mine = unread;
    this.waiting = new Set(waiting.map((row) => row.i));
  }

  /** @param {Kind} kind @param {number} i @param {string} name */
  tell(kind, i, name) {
    if (this.isQuiet() || this.isSeen(kind, i)) return;
    if (this.chosen[kind].includes("sound")) this.sound(kind);
    if (this.chosen[kind].includes("shown")) this.show(kind, i, name);
  }

  /** It is before the agent's eyes. @param {Kind} kind @param {number} i */
  isSeen(kind, i) {
    return kind === "line" && i === this.desk.current() && !document.hidden && document.hasFocus();
  }

  /** The agent said so, is with people, or shows the screen to them. */
  isQuiet() {
    return this.chosen.quiet > Date.now() || PRESENTING.includes(this.desk.state().me.state) || Boolean(document.fullscreenElement);
  }

  /** @param {Kind} kind */
  sound(kind) {
    this.audio ??= new AudioContext();
    const { audio } = this;
    void audio.resume(); // silent until the first key or click: browsers want it so
    NOTES[kind].forEach((pitch, n) => {
      const [tone, gain] = [audio.createOscillator(), audio.createGain()];
      const at = audio.currentTime + n * 0.14;
      tone.frequency.value = pitch;
      gain.gain.setValueAtTime(0, at);
      gain.gain.linearRampToValueAtTime(LOUD, at + 0.02);
      gain.gain.exponentialRampToValueAtTime(0.0001, at + 0.3);
      tone.connect(gain).connect(audio.destination);
      tone.start(at);
      tone.stop(at + 0.32);
    });
  }

  /** @param {Kind} kind @param {number} i @param {string} name */
  show(kind, i, name) {
    const elsewhere = document.hidden || !document.hasFocus();
    if (!elsewhere || !("Notification" in window) || Notification.permission !== "granted") return;
    const words = fill(this.setup.texts[`notify_${kind}`], { name });
    const shown = new Notification(words, { tag: `bravo-${kind}-${i}`, lang: this.setup.language, silent: true });
    shown.onclick = () => {
      window.focus();
      this.desk.open(i);
      shown.close();
    };
  }

  choose() {
    const { texts } = this.setup;
    const dialog = ask("notify", "", (data) => ({ ...Object.fromEntries(
      Object.keys(NOTES).map((kind) => [kind, data.getAll(kind)])), quiet: data.get("quiet") ? Date.now() + HOUR : 0 }),
    async (chosen) => {
      this.chosen = chosen;
      localStorage.setItem(this.key, JSON.stringify(chosen));
      this.paint();
    });
    dialog.querySelector("tbody").replaceChildren(...Object.keys(NOTES).map((kind) => h("tr", {},
      h("th", { scope: "row", text: texts[`call_${kind}`] }),
      ...["sound", "shown"].map((way) => h("td", {}, h("input", { type: "checkbox", name: kind, value: way,
        "aria-label": `${texts[`call_${kind}`]}: ${texts[`way_${way}`]}`, checked: this.chosen[kind].includes(way) }))))));
    dialog.querySelector("[name=quiet]").checked = this.chosen.quiet > Date.now();
    const allow = dialog.querySelector("[data-allow]");
    const permission = "Notification" in window ? Notification.permission : "denied";
    allow.hidden = permission !== "default";
    dialog.querySelector("[data-denied]").hidden = permission !== "denied";
    allow.onclick = async () => {
      allow.hidden = (await Notification.requestPermission()) !== "default";
      dialog.querySelector("[data-denied]").hidden = Notification.permission !== "denied";
    };
    dialog.querySelector("[data-try]").onclick = () => this.sound("line");
  }

  paint() {
    const quiet = this.chosen.quiet - Date.now();
    if (quiet > 0) window.setTimeout(() => this.paint(), quiet + 1000);
    say(this.button.querySelector(".material-symbols-outlined"), quiet > 0 ? "notifications_off" : "notifications");
    this.button.setAttribute("aria-label", this.setup.texts[quiet > 0 ? "notify_quiet" : "notify_title"]);
    this.button.title = this.button.getAttribute("aria-label");
  }
}
