// @ts-check
/** The times of the callback form in the reader's own time zone, once, when the browser knows it. */

const form = document.querySelector("form[data-zone]");
const select = /** @type {HTMLSelectElement | null} */ (form?.querySelector("select") ?? null);
const here = Intl.DateTimeFormat().resolvedOptions().timeZone;

if (form instanceof HTMLFormElement && select && here && here.includes("/")) {
  const said = new URLSearchParams(location.search).has("zone");
  // the same clock under another name (Europe/Brussels) needs no other page
  if (!said && clock(here) !== clock(String(form.dataset.zone))) {
    if (![...select.options].some((option) => option.value === here)) {
      select.append(new Option(here, here));
    }
    select.value = here;
    form.requestSubmit();
  }
  select.addEventListener("change", () => form.requestSubmit());
}

/** What the clocks there show in winter and in summer.
 * @param {string} zone */
function clock(zone) {
  return [0, 6].map((month) =>
    new Intl.DateTimeFormat("en", { timeZone: zone, dateStyle: "short", timeStyle: "short" })
      .format(new Date(Date.UTC(2026, month, 15))),
  ).join();
}
