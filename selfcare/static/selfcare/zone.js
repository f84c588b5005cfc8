// @ts-check
/** The times of the callback form in the reader's own time zone, once, when the browser knows it. */

const box = /** @type {HTMLElement | null} */ (document.querySelector("[data-zone]"));
const select = box?.querySelector("select");
const here = Intl.DateTimeFormat().resolvedOptions().timeZone;

if (box && select) {
  // the same clock under another name (Europe/Brussels) needs no other page
  const elsewhere = here?.includes("/") && clock(here) !== clock(String(box.dataset.zone));
  if (elsewhere && !("said" in box.dataset)) {
    const address = new URL(location.href);
    address.searchParams.set("zone", here);
    location.replace(address);
  }
  box.querySelector("button")?.remove();
  select.addEventListener("change", () => select.form?.submit());
}

/** What the clocks there show in winter and in summer.
 * @param {string} zone */
function clock(zone) {
  return [0, 6].map((month) =>
    new Intl.DateTimeFormat("en", { timeZone: zone, dateStyle: "short", timeStyle: "short" })
      .format(new Date(Date.UTC(2026, month, 15))),
  ).join();
}
