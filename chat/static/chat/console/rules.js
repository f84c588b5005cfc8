// @ts-check
// The rule editor: rows of selects that read as a sentence, kept as JSON in the field below them.

/** @param {string} tag @param {Record<string, any>} props @param {(Node | string)[]} children @returns {any} */
function make(tag, props = {}, ...children) {
  const element = Object.assign(document.createElement(tag), props);
  element.append(...children);
  return element;
}

class Editor {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.field = /** @type {HTMLTextAreaElement} */ (root.querySelector("textarea"));
    const words = document.getElementById(root.dataset.conditions || "");
    this.words = JSON.parse(words?.textContent || "{}");
    this.tree = { match: "all", of: [] };
    try {
      const known = JSON.parse(this.field.value || "{}");
      if (known?.of) this.tree = known;
    } catch {
      return; // let them mend it by hand
    }
    this.view = make("div", { className: "conditions" });
    this.field.hidden = true;
    root.prepend(this.view);
    this.draw();
  }

  /** @param {boolean} [again] also the rows themselves */
  changed(again = false) {
    this.field.value = this.tree.of.length ? JSON.stringify(this.tree) : "{}";
    if (again) this.draw();
  }

  draw() {
    this.view.replaceChildren(...this.group(this.tree, null));
  }

  /** @param {any} group @param {any} parent @returns {Node[]} */
  group(group, parent) {
    const { texts } = this.words;
    const match = this.choice(texts.if, [["all", texts.all], ["any", texts.any]], group.match, (to) => {
      group.match = to;
      this.changed();
    });
    const head = make("div", { className: "row" }, make("span", {}, texts.if), match);
    if (parent) head.append(this.remover(parent, group));
    const rows = group.of.map((/** @type {any} */ part) =>
      part.of ? make("div", { className: "group" }, ...this.group(part, group)) : this.row(part, group));
    const add = make("button", { type: "button", textContent: texts.add, onclick: () => {
      group.of.push({ fact: "seconds", op: "at_least", value: 60 });
      this.changed(true);
    } });
    const foot = make("div", { className: "row" }, add);
    if (!parent) {
      foot.append(make("button", { type: "button", textContent: texts.group, onclick: () => {
        group.of.push({ match: "any", of: [{ fact: "device", op: "is", value: "mobile" }] });
        this.changed(true);
      } }));
      if (!group.of.length) rows.push(make("p", {}, texts.always));
    }
    return [head, ...rows, foot];
  }

  /** @param {any} leaf @param {any} parent */
  row(leaf, parent) {
    const { facts, ops, texts } = this.words;
    const known = facts[leaf.fact];
    const fact = this.choice(texts.fact, Object.entries(facts).map(([name, one]) => [name, one.label]), leaf.fact, (to) => {
      const kind = facts[to].kind;
      for (const name of Object.keys(leaf)) delete leaf[name];
      Object.assign(leaf, { fact: to, op: ops[kind][0][0], value: first(facts[to]) });
      if (kind === "data") leaf.key = "basket";
      this.changed(true);
    });
    const op = this.choice(texts.op, ops[known.kind], leaf.op, (to) => {
      leaf.op = to;
      this.changed(true);
    });
    const parts = [fact, op, ...this.values(leaf, known), this.remover(parent, leaf)];
    if (known.kind === "data") parts.splice(1, 0, this.input(texts.key, "text", leaf.key, (to) => (leaf.key = to)));
    if (known.memory) parts.push(make("span", { className: "needs" }, texts.needs));
    return make("div", { className: "row" }, ...parts);
  }

  /** @param {any} leaf @param {any} known @returns {Node[]} */
  values(leaf, known) {
    const { texts, days } = this.words;
    if (known.kind === "yes") return [];
    if (known.kind === "choice") return [this.choice(texts.value, known.choices, leaf.value, (to) => {
      leaf.value = to;
      this.changed();
    })];
    if (known.kind === "hours") return [
      this.input(texts.value, "time", leaf.value[0], (to) => (leaf.value[0] = to)),
      make("span", {}, texts.and),
      this.input(texts.value, "time", leaf.value[1], (to) => (leaf.value[1] = to)),
    ];
    if (known.kind === "days") return days.map((/** @type {string} */ day, /** @type {number} */ n) => {
      const tick = make("input", { type: "checkbox", checked: leaf.value.includes(n), onchange: () => {
        leaf.value = days.map((/** @type {string} */ _day, /** @type {number} */ d) => d)
          .filter((/** @type {number} */ d) => (d === n ? tick.checked : leaf.value.includes(d)));
        this.changed();
      } });
      return make("label", {}, tick, " ", day);
    });
    const numeric = known.kind === "number" || ["more", "less"].includes(leaf.op);
    const field = this.input(texts.value, numeric ? "number" : "text", leaf.value, (to) => (leaf.value = numeric ? Number(to) : to));
    const presets = known.presets.map((/** @type {number} */ preset) =>
      make("button", { type: "button", textContent: `${preset} ${known.unit}`.trim(), onclick: () => {
        leaf.value = preset;
        this.changed(true);
      } }));
    return [field, ...(known.unit ? [make("span", {}, known.unit)] : []), ...presets];
  }

  /** @param {string} label @param {any[]} options @param {string} value @param {(to: string) => void} on */
  choice(label, options, value, on) {
    const select = make("select", { ariaLabel: label, onchange: () => on(select.value) },
      ...options.map(([code, word]) => make("option", { value: code, textContent: word, selected: code === value })));
    return select;
  }

  /** @param {string} label @param {string} type @param {any} value @param {(to: string) => void} on */
  input(label, type, value, on) {
    const field = make("input", { ariaLabel: label, type, value: value ?? "", required: true, oninput: () => {
      on(field.value);
      this.changed();
    } });
    return field;
  }

  /** @param {any} parent @param {any} part */
  remover(parent, part) {
    const { texts } = this.words;
    return make("button", { type: "button", ariaLabel: texts.remove, title: texts.remove, textContent: "✕", onclick: () => {
      parent.of.splice(parent.of.indexOf(part), 1);
      this.changed(true);
    } });
  }
}

/** What a fresh condition on this fact says. @param {any} fact */
function first(fact) {
  const fresh = { number: fact.presets[0] ?? 1, choice: fact.choices[0]?.[0], hours: ["08:00", "20:00"], days: [0], data: 100 };
  return fact.kind in fresh ? fresh[/** @type {keyof typeof fresh} */ (fact.kind)] : fact.kind === "yes" ? true : "*";
}

for (const root of document.querySelectorAll("[data-conditions]")) new Editor(/** @type {HTMLElement} */ (root));
