// @ts-check
// Opens the chat by itself, by the interface that hosts have.
addEventListener("load", () => {
  const wait = setInterval(() => {
    const { Bravo } = /** @type {any} */ (window);
    if (!document.querySelector("bravo-chat") || !Bravo) return;
    clearInterval(wait);
    Bravo.open();
  }, 200);
});
