// @ts-check
/** Buttons that open the chat: shown only where the widget is, which works without them too. */

function show() {
  /** @type {NodeListOf<HTMLElement>} */
  const buttons = document.querySelectorAll("[data-bravo-open][hidden]");
  for (const button of buttons) {
    button.hidden = false;
    button.addEventListener("click", (event) => {
      event.preventDefault();
      document.dispatchEvent(new CustomEvent("bravo:open"));
    });
  }
}

if (document.querySelector("script[data-site]")) {
  customElements.whenDefined("bravo-chat").then(() => {
    show();
    document.addEventListener("bravo:ways", show);
  });
}
