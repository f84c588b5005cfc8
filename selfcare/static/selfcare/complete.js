// @ts-check
/**
 * Completion while typing: a combobox over the search form. Without this script the form still
 * searches. Choosing an entry opens its article; Enter without a choice searches.
 */

const WAIT = 100; // ms of silence before asking

/** @typedef {{title: string, url: string}} Item */

class Completion {
  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.form = form;
    this.input = /** @type {HTMLInputElement} */ (form.querySelector("input[name=q]"));
    this.address = form.dataset.complete ?? "";
    this.list = document.createElement("ul");
    this.status = document.createElement("div");
    /** @type {Item[]} */
    this.items = [];
    this.chosen = -1;
    this.timer = 0;
    /** @type {AbortController | null} */
    this.asking = null;
    this.dress();
    this.listen();
    // typed while this script was on its way
    if (document.activeElement === this.input && this.input.value !== this.input.defaultValue)
      this.later();
  }

  dress() {
    this.list.className = "suggestions";
    this.list.id = `${this.input.id}-suggestions`;
    this.list.hidden = true;
    this.list.setAttribute("role", "listbox");
    const label = this.form.querySelector("label");
    if (label) this.list.setAttribute("aria-label", label.textContent ?? "");
    this.status.className = "visually-hidden";
    this.status.setAttribute("role", "status");
    this.form.append(this.list, this.status);
    const traits = {
      role: "combobox",
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": this.list.id,
    };
    for (const [name, value] of Object.entries(traits)) this.input.setAttribute(name, value);
  }

  listen() {
    this.input.addEventListener("input", () => this.later());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => this.close());
    this.input.addEventListener("focus", () => {
      if (this.items.length) this.open();
    });
    // before blur closes the list
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const option = /** @type {Element} */ (event.target).closest("[role=option]");
      if (option) this.go(Number(option.getAttribute("data-at")));
    });
  }

  later() {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.timer = window.setTimeout(() => this.ask(), WAIT);
  }

  async ask() {
    const typed = this.input.value;
    if (typed.trim().length < 2) {
      this.show([]);
      return;
    }
    this.asking = new AbortController();
    try {
      const answer = await fetch(`${this.address}?q=${encodeURIComponent(typed)}`, {
        signal: this.asking.signal,
        headers: { Accept: "application/json" },
      });
      if (answer.ok) this.show((await answer.json()).items);
    } catch {
      // aborted, or no connection: the form itself still works
    }
  }

  /** @param {Item[]} items */
  show(items) {
    this.items = items;
    this.chosen = -1;
    this.list.replaceChildren(...items.map((item, at) => this.option(item, at)));
    this.input.removeAttribute("aria-activedescendant");
    const { listed = "", listedOne = "" } = this.input.dataset;
    const count = items.length;
    this.status.textContent = count
      ? count === 1 ? listedOne : listed.replace("%n", String(count))
      : "";
    if (count && document.activeElement === this.input) this.open();
    else this.close();
  }

  /**
   * @param {Item} item
   * @param {number} at
   */
  option(item, at) {
    const option = document.createElement("li");
    option.id = `${this.list.id}-${at}`;
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    option.dataset.at = String(at);
    const icon = this.form.querySelector("svg.icon")?.cloneNode(true);
    if (icon) option.append(icon);
    const text = document.createElement("span");
    const typed = fold(this.input.value.trim());
    // what the completion adds stands out, not what was typed
    if (typed && fold(item.title).startsWith(typed)) {
      const letters = [...item.title];
      const rest = document.createElement("b");
      rest.textContent = letters.slice(typed.length).join("");
      text.append(letters.slice(0, typed.length).join(""), rest);
    } else {
      text.textContent = item.title;
    }
    option.append(text);
    return option;
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const open = !this.list.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (!this.items.length) return;
      event.preventDefault();
      this.open();
      this.choose(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && open && this.chosen >= 0) {
      event.preventDefault();
      this.go(this.chosen);
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      this.close();
    }
  }

  /** @param {number} by */
  choose(by) {
    const places = this.items.length + 1; // one more: back in the field
    this.chosen = ((this.chosen + 1 + by + places) % places) - 1;
    for (const [at, option] of [...this.list.children].entries())
      option.setAttribute("aria-selected", String(at === this.chosen));
    const option = this.list.children[this.chosen];
    if (option) {
      this.input.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else this.input.removeAttribute("aria-activedescendant");
  }

  /** @param {number} at */
  go(at) {
    const item = this.items[at];
    if (!item) return;
    // the article's page notes what was typed, and answers at its clean address
    const typed = this.input.value;
    this.input.value = item.title;
    this.close();
    window.location.assign(`${item.url}?q=${encodeURIComponent(typed)}`);
  }

  open() {
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
  }

  close() {
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }
}

/**
 * One unit for each character of the text, so that places in one are places in the other.
 * @param {string} text
 */
function fold(text) {
  return [...text]
    .map((char) => (char.normalize("NFD")[0] ?? char).toLowerCase())
    .join("")
    .replaceAll("’", "'");
}

for (const form of document.querySelectorAll("form[data-complete]"))
  new Completion(/** @type {HTMLFormElement} */ (form));
