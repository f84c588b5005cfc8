// @ts-check
// In the reports' form the days are said in one of two ways: choosing one empties the other. Where
// the server draws no PDF, the browser prints.

for (const button of document.querySelectorAll("[data-print]")) {
  button.addEventListener("click", () => window.print());
}
for (const form of document.querySelectorAll("form.report-cut")) {
  const days = form.querySelector("select[name=days]");
  const dates = [...form.querySelectorAll("input[type=date]")];
  if (!(days instanceof HTMLSelectElement)) continue;
  form.addEventListener("change", (event) => {
    if (event.target === days && days.value) {
      for (const date of dates) if (date instanceof HTMLInputElement) date.value = "";
    } else if (event.target instanceof HTMLInputElement && dates.includes(event.target)) {
      days.value = "";
    }
  });
}
