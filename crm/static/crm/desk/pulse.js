// @ts-check
/** The agent pulse: after some exchanges two questions, answered by a tap each (+ and -), or left. */
import { byId, fill, say } from "./dom.js";

const LEFT = 60000;
const QUESTIONS = ["explicit", "cordial"];

export class Pulse {
  /** @param {any} setup @param {import("./api.js").Api} api */
  constructor(setup, api) {
    this.setup = setup;
    this.api = api;
    this.box = byId("desk-pulse");
    this.i = 0;
    /** @type {Record<string, string>} */
    this.said = {};
    this.timer = 0;
    for (const button of this.box.querySelectorAll("[data-said]")) {
      button.addEventListener("click", () => this.tap(button.dataset.of, button.dataset.said));
    }
    byId("desk-pulse-leave").addEventListener("click", () => this.leave());
  }

  /** @param {number} i @param {string} name */
  ask(i, name) {
    this.i = i;
    this.said = {};
    this.box.hidden = false;
    say(byId("desk-pulse-about"), fill(this.setup.texts.pulse_about, { name }));
    this.draw();
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.leave(), LEFT);
  }

  /** The next question that is open. @param {"yes"|"no"} answer */
  key(answer) {
    const next = QUESTIONS.find((one) => !this.said[one]);
    if (!this.box.hidden && next) this.tap(next, answer);
  }

  /** @param {string} question @param {string} answer */
  tap(question, answer) {
    this.said[question] = answer;
    this.draw();
    // lost, it is lost: nobody is asked twice how it was
    this.api.post(`../my-day/exchange/${this.i}/`, this.said).catch(() => null);
    if (QUESTIONS.every((one) => this.said[one])) window.setTimeout(() => this.leave(), 600);
  }

  draw() {
    for (const button of this.box.querySelectorAll("[data-said]")) {
      button.setAttribute("aria-pressed", String(this.said[button.dataset.of] === button.dataset.said));
    }
  }

  leave() {
    this.box.hidden = true;
  }
}
