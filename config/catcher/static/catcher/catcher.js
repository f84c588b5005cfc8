// @ts-check
// The list asks again every few seconds while the page is seen; without this a reload does.

const list = document.getElementById("mails");
const EVERY_MS = 4000;

async function refresh() {
  if (!list || document.hidden) return;
  const current = list.querySelector("[aria-current]")?.getAttribute("href");
  try {
    const answer = await fetch(list.dataset.url ?? "", { credentials: "same-origin" });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(`<ol>${await answer.text()}</ol>`, "text/html");
    const fresh = page.querySelector("ol");
    if (!fresh || list.contains(document.activeElement)) return; // do not move what is in hand
    for (const link of fresh.querySelectorAll("a")) {
      if (link.getAttribute("href") === current) link.setAttribute("aria-current", "page");
    }
    if (fresh.textContent !== list.textContent) list.replaceChildren(...fresh.children);
  } catch {
    // the server restarts; the next round comes
  }
}

setInterval(refresh, EVERY_MS);
