// @ts-check
/** What a message was made of (a mail's HTML, its files), fetched when somebody unfolds it. */

document.addEventListener("toggle", (event) => {
  const details = /** @type {HTMLDetailsElement} */ (event.target);
  if (details instanceof HTMLDetailsElement && details.open && details.dataset.original && !details.dataset.loaded) load(details);
}, true);

/** @param {HTMLDetailsElement} details */
async function load(details) {
  details.dataset.loaded = "1";
  const holder = document.createElement("div");
  details.append(holder);
  try {
    const answer = await fetch(details.dataset.original || "", { headers: { "X-Requested-With": "fetch" } });
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    holder.innerHTML = await answer.text(); // our own server's fragment, escaped by its templates
    holder.querySelector("iframe")?.scrollIntoView({ block: "nearest" });
  } catch {
    holder.remove();
    delete details.dataset.loaded; // the next unfolding tries again
    details.open = false;
  }
}
