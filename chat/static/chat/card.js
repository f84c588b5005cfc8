// @ts-check
// The invitation: a card that is shown and read out, never focused.

import { fill, make } from "./dom.js";

export class Card {
  /**
   * @param {Record<string, string>} texts
   * @param {{accept: () => void, refuse: () => void, size: (height: number) => void}} on
   */
  constructor(texts, on) {
    this.texts = texts;
    this.face = make("span", { className: "face", "aria-hidden": "true" });
    this.said = make("div", { className: "said", role: "status" });
    this.yes = make("button", { type: "button", className: "yes", onclick: on.accept });
    this.no = make("button", { type: "button", className: "no", textContent: texts.refuse, onclick: on.refuse });
    this.view = make("section", { className: "invitation", hidden: true },
      this.face, this.said, make("div", { className: "answers" }, this.yes, this.no));
    new ResizeObserver(() => this.view.hidden || on.size(this.view.offsetHeight)).observe(this.view);
  }

  /** @param {{name: string, picture: string, question: string}} invitation */
  show({ name, picture, question }) {
    this.face.replaceChildren(picture ? make("img", { src: picture, alt: "" }) : name.slice(0, 1));
    this.yes.textContent = fill(this.texts.accept, { name });
    this.view.hidden = false;
    document.body.classList.add("inviting");
    this.said.replaceChildren(
      make("p", { className: "hint" }, fill(this.texts.invitation, { name })), make("p", { className: "ask" }, question));
  }

  hide() {
    this.view.hidden = true;
    this.said.replaceChildren();
    document.body.classList.remove("inviting");
  }
}
