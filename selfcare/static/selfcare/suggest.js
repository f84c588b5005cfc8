// @ts-check
/** The contact form proposes articles while the question is being written, then says who can be
 * reached about it; whoever takes another way takes along what was written. */

const WAIT = 400;

/** @param {HTMLFormElement} form */
function propose(form) {
  const address = form.dataset.suggest ?? "";
  const box = /** @type {HTMLElement} */ (form.querySelector(".proposals"));
  const list = /** @type {HTMLElement} */ (box.querySelector("ul"));
  let timer = 0;
  /** @type {AbortController | null} */
  let asking = null;

  /** @param {string} name */
  const value = (name) =>
    /** @type {HTMLInputElement | null} */ (form.elements.namedItem(name))?.value.trim() ?? "";

  async function ask() {
    const typed = `${value("title")} ${value("text").slice(0, 120)}`.trim();
    if (typed.length < 6) return;
    asking = new AbortController();
    try {
      const words = new URLSearchParams({ q: typed.slice(0, 200), subject: value("subject") });
      const answer = await fetch(`${address}?${words}`, { signal: asking.signal });
      if (!answer.ok) return;
      /** @type {{items: {title: string, summary: string, url: string}[]}} */
      const { items } = await answer.json();
      list.replaceChildren(...items.map(row));
      box.hidden = items.length === 0;
    } catch {
      // aborted or offline: the form does not need it
    }
  }

  const ways = /** @type {HTMLElement} */ (form.querySelector(".ways-here"));
  async function reach() {
    const words = new URLSearchParams({ subject: value("subject"), title: value("title") });
    const answer = await fetch(`${form.dataset.ways}?${words}`).catch(() => null);
    if (!answer?.ok) return; // what stands there is good without
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    ways.replaceChildren(...page.body.childNodes);
    document.dispatchEvent(new CustomEvent("bravo:ways"));
  }

  // whoever goes on elsewhere at once has not left the field: what stands in it goes along
  ways.addEventListener("click", (event) => {
    const target = /** @type {Element} */ (event.target);
    const link = /** @type {HTMLAnchorElement | null} */ (target.closest("a[href*='/callback/']"));
    if (!link) return;
    const address = new URL(link.href);
    for (const name of ["subject", "title"])
      if (value(name)) address.searchParams.set(name, value(name));
    link.href = address.href;
  });

  function later() {
    clearTimeout(timer);
    asking?.abort();
    timer = window.setTimeout(ask, WAIT);
  }

  form.addEventListener("input", (event) => {
    const field = /** @type {HTMLInputElement} */ (event.target);
    if (["subject", "title", "text"].includes(field.name)) later();
  });
  form.addEventListener("change", (event) => {
    const field = /** @type {HTMLInputElement} */ (event.target);
    if (field.name === "subject" || field.name === "title") reach();
  });
  // about what was written while this script was on its way
  /** @type {NodeListOf<HTMLInputElement>} */
  const fields = form.querySelectorAll("[name=title], [name=text]");
  if ([...fields].some((field) => field.value !== field.defaultValue)) {
    later();
    reach();
  }
}

/** @param {{title: string, summary: string, url: string}} item */
function row(item) {
  const entry = document.createElement("li");
  const link = document.createElement("a");
  const words = document.createElement("span");
  const title = document.createElement("strong");
  const summary = document.createElement("span");
  link.className = "row";
  link.href = item.url;
  link.target = "_blank"; // what was written stays where it is
  link.rel = "noopener";
  words.className = "row-words";
  title.textContent = item.title;
  summary.textContent = item.summary;
  words.append(title, summary);
  link.append(words);
  entry.append(link);
  return entry;
}

for (const form of document.querySelectorAll("form[data-suggest]"))
  propose(/** @type {HTMLFormElement} */ (form));
