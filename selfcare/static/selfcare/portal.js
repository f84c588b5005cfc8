// @ts-check
/** Buttons that open the chat: shown only where the widget is, which works without them too. */

const buttons = /** @type {NodeListOf<HTMLElement>} */ (
  document.querySelectorAll("[data-bravo-open]")
);

if (buttons.length && document.querySelector("script[data-site]")) {
  customElements.whenDefined("bravo-chat").then(() => {
    for (const button of buttons) {
      button.hidden = false;
      button.addEventListener("click", (event) => {
        event.preventDefault();
        document.dispatchEvent(new CustomEvent("bravo:open"));
      });
    }
  });
}
