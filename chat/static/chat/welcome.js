// @ts-check
// What the panel says before a chat: the honest state, what is known, what it is about, what may be
// read, and the other ways, always.

import { icon, ICONS, make } from "./dom.js";

/** @param {any} config @param {(subject: string) => void} chosen what it is about, "" for nothing */
export function welcomes(config, chosen) {
  /** @type {Record<string, string>} */
  const texts = config.texts;
  const away = { target: config.portal ? "_top" : "_blank" };

  /** @param {any} button @param {string} [notice] instead of the button's own word */
  function panel(button, notice) {
    const head = make("div", { className: `now ${button.state}` },
      config.logo ? make("img", { className: "logo", src: config.logo, alt: "" }) : null,
      make("h1", {}, texts.welcome), make("p", { role: "status" }, notice || button.detail));
    // a known incident comes before everything else that the panel says
    const news = button.news.map((/** @type {any} */ one) =>
      make("a", { className: "way news", href: one.url, ...away },
        make("span", {}, make("b", {}, one.title), make("br", {}), one.text)),
    );
    const view = make("div", { className: "scroll" }, ...news, head);
    if (button.subjects?.length) view.append(about(button));
    if (button.readings?.length) {
      view.append(make("nav", { className: "reads", "aria-label": texts.readings }, make("p", {}, texts.readings),
        ...button.readings.map((/** @type {any} */ one) => make("a", { href: one.url, ...away }, one.title))));
    }
    view.append(make("div", { className: "ways" }, ...ways(button.ways)));
    return make("div", { className: "welcome" }, view);
  }

  function privacy() {
    return make("p", { className: "hint small" }, texts.privacy, " ",
      make("a", { href: config.privacy, target: "_blank" }, texts.privacy_more));
  }

  /** @param {any[]} found */
  function ways(found) {
    return found.map(({ name, label, url }) =>
      make("a", { className: "way", href: url, ...away }, icon(name === "callback" ? ICONS.call : ICONS.mail), label));
  }

  /** What it is about: the page's subject, or what the visitor says. @param {any} button */
  function about({ subjects, subject }) {
    const select = make("select", {}, make("option", { value: "" }, texts.choose));
    /** @type {Record<string, HTMLElement>} */
    const groups = {};
    for (const { slug, label, group } of subjects) {
      const into = group ? (groups[group] ||= select.appendChild(make("optgroup", { label: group }))) : select;
      into.append(make("option", { value: slug, selected: slug === subject }, label));
    }
    select.onchange = () => chosen(select.value);
    return make("label", { className: "ask about" }, texts.about, select);
  }

  /** One field of the form before the chat. @param {any} asked @param {Record<string, string>} answers kept in it */
  function question({ name, label, kind, choices, required }, answers) {
    const keep = () => (answers[name] = field.type === "checkbox" ? (field.checked ? "1" : "") : field.value);
    const type = { mail: "email", number: "number", date: "date", boolean: "checkbox" }[/** @type {string} */ (kind)] || "text";
    const field = kind === "choice"
      ? make("select", { required, onchange: keep }, make("option", { value: "" }), ...choices.map((/** @type {string} */ one) => make("option", {}, one)))
      : make("input", { type, required, oninput: keep, maxLength: 200, step: "any", autocomplete: { name: "name", mail: "email" }[/** @type {string} */ (kind)] || "off" });
    if (type === "checkbox") field.checked = !!answers[name];
    else field.value = answers[name] || "";
    return make("label", { className: `ask ${type}` }, make("span", {}, label, required || type === "checkbox" ? "" : make("small", {}, ` (${texts.optional})`)), field);
  }

  return { panel, privacy, question, ways };
}
