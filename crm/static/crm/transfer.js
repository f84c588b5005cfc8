// @ts-check
// Keeps the counts of a running import fresh, and shows the whole page again when it is over.

const box = document.getElementById("import-status");

/** @param {HTMLElement} status */
async function refresh(status) {
  const answer = await fetch(status.dataset.url ?? "", { headers: { Accept: "application/json" } });
  if (!answer.ok) return true;
  /** @type {Record<string, number>} */
  const counts = await answer.json();
  for (const place of status.querySelectorAll("[data-count]")) {
    if (place instanceof HTMLElement) {
      place.textContent = String(counts[place.dataset.count ?? ""] ?? "");
    }
  }
  const bar = status.querySelector("progress");
  if (bar) {
    bar.max = counts.total || 1;
    bar.value = counts.handled ?? 0;
  }
  return Boolean(counts.running);
}

/** @param {HTMLElement} status */
async function follow(status) {
  try {
    if (!(await refresh(status))) {
      location.reload();
      return;
    }
  } catch {
    // away for a moment: the next round asks again
  }
  setTimeout(() => follow(status), 1500);
}

if (box && box.dataset.running === "1") follow(box);
