// @ts-check
// Results while one types: the same page is asked for, and its results take the place of these.

const PAUSE = 250; // ms without a key
const form = document.getElementById("find-form");
const box = document.getElementById("find-results");
const status = document.getElementById("find-said");

let asking = new AbortController();
let timer = 0;

/**
 * @param {HTMLFormElement} from
 * @param {HTMLElement} into
 */
async function show(from, into) {
  asking.abort();
  asking = new AbortController();
  const question = new URLSearchParams();
  for (const [name, value] of new FormData(from)) question.set(name, String(value));
  try {
    const answer = await fetch(`?typing=1&${question}`, { signal: asking.signal });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.getElementById("find-results");
    if (!found) return;
    into.replaceChildren(...found.childNodes);
    if (status) status.textContent = found.dataset.said ?? "";
    history.replaceState(null, "", `?${question}`);
  } catch {
    // another key came first, or the server is away: the button asks again
  }
}

if (form instanceof HTMLFormElement && box) {
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => show(form, box), PAUSE);
  });
}
