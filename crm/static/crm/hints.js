// @ts-check
// While a note is typed: a word on health, origin, opinion or an insult shows a hint. It never
// blocks, and nothing of it is sent or kept. A form that wants it has data-hint-health and so on.

/** Beginnings of folded words; a blank ends a whole word. @type {Record<string, string>} */
const LISTS = {
  health:
    "malad hopital hospitalis cancer depress handicap enceinte grossess diabet alcoolique psychiatr " +
    "medicament invalidite vih sida chirurgi sick- illness- hospital disab pregnan diabet cancer " +
    "depress alcoholic psychiatr medication surgery-",
  origin:
    "arabe- arabes- africain gitan rom- roms- tzigane musulman juif- juive- juifs- chretien " +
    "algerien marocain tunisien senegalais roumain asiatique antillais turc- turque- " +
    "catholique noir- maghreb etranger- etrangere- immigre race- ethni accent- african arab- arabs- " +
    "muslim jew- jews- jewish- christian- immigrant foreigner ethnic",
  opinion:
    "syndicalist syndique cgt- cfdt- gauchiste communiste facho- extremedroite macroniste " +
    "melenchoniste lepeniste zemmour electeur vote- votent- militant politique- homosexuel lesbienne- gay- trans- unionist- communist socialist- " +
    "voter- votes- conservative- homosexual lesbian- political- activist-",
  insult:
    "racist con- conne- connard connasse idiot idiote- imbecile abruti cretin debile- salope- salaud- " +
    "encul pute- emmerdeu chiant cassecouille stupid- moron asshole bitch- bastard idiot- jerk-",
};

/** @param {string} text */
export function fold(text) {
  return text
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase()
    .replace(/œ/g, "oe");
}

/** The kinds a text touches. @param {string} text @returns {string[]} */
export function touches(text) {
  const words = fold(text).split(/[^a-z]+/);
  return Object.keys(LISTS).filter((kind) =>
    LISTS[kind].split(/ +/).some((start) =>
      words.some((word) =>
        start.endsWith("-") ? word === start.slice(0, -1) : start && word.startsWith(start),
      ),
    ),
  );
}

/** @param {HTMLFormElement} form @param {HTMLTextAreaElement} field */
function look(form, field) {
  const note = !form.dataset.mode || form.dataset.mode === "note";
  const kinds = note ? touches(field.value) : [];
  const said = kinds.map((kind) => form.getAttribute(`data-hint-${kind}`) ?? "").join(" ");
  let place = form.querySelector(".b-hint");
  if (!place) {
    if (!said) return;
    place = document.createElement("p");
    place.className = "b-hint";
    place.setAttribute("role", "status");
    field.after(place);
  }
  if (place.textContent !== said) place.textContent = said;
  place.toggleAttribute("hidden", !said);
}

document.addEventListener("input", (event) => {
  const field = event.target;
  if (!(field instanceof HTMLTextAreaElement) || !field.form?.hasAttribute("data-hint-health")) return;
  look(field.form, field);
});
