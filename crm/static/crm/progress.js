// @ts-check
// Keeps the counts of work in the background fresh, and shows the page anew when it is over.

/** @param {HTMLElement} work */
async function refresh(work) {
  const answer = await fetch(work.dataset.progress ?? "", { headers: { Accept: "application/json" } });
  if (!answer.ok) return true;
  /** @type {Record<string, number>} */
  const counts = await answer.json();
  for (const place of work.querySelectorAll("[data-count]")) {
    if (place instanceof HTMLElement) {
      place.textContent = String(counts[place.dataset.count ?? ""] ?? "");
    }
  }
  const bar = work.querySelector("progress");
  if (bar) {
    bar.max = counts.total || 1;
    bar.value = counts.handled ?? 0;
  }
  return Boolean(counts.running);
}

/** @param {HTMLElement} work */
async function follow(work) {
  try {
    if (!(await refresh(work))) {
      location.reload();
      return;
    }
  } catch {
    // away for a moment: the next round asks again
  }
  setTimeout(() => follow(work), 1500);
}

for (const work of document.querySelectorAll("[data-progress]")) {
  if (work instanceof HTMLElement) follow(work);
}
