// @ts-check
/** The right pane: who it is, what they tried first, what else there is. */
import { byId, fill, h, icon } from "./dom.js";
import { isMine } from "./order.js";
import * as time from "./time.js";

const STEP_ICONS = /** @type {Record<string, string>} */ ({
  page: "web", search: "search", article: "menu_book", vote: "thumbs_up_down", action: "touch_app", ask: "support_agent",
});

export class CustomerPane {
  /** @param {any} setup @param {{open: (i: number) => void, verify: (i: number) => void, unblock: () => void, fillIn: (i: number) => void, more: (i: number, before: number) => void}} on */
  constructor(setup, on) {
    this.setup = setup;
    this.on = on;
    this.card = byId("desk-card");
    /** @type {any[]} */
    this.key = [];
  }

  /** @param {import("./shape.js").State} state @param {number|null} i */
  render(state, i) {
    const talk = i === null ? null : state.talks[i];
    const row = i === null ? null : state.rows[i];
    const mayVerify = Boolean(row && isMine(state, row) && row.status !== "closed");
    const key = [i, talk?.customer, talk?.timeline, row?.verified?.at, row?.own, mayVerify];
    if (key.every((part, n) => part === this.key[n])) return;
    this.key = key;
    if (!talk || i === null) {
      this.card.replaceChildren();
      return;
    }
    this.card.replaceChildren(
      ...this.person(talk.customer, row?.verified, mayVerify ? i : null),
      ...this.own(i, row?.own || {}),
      ...this.list("elsewhere", talk.customer.elsewhere, null),
      ...this.journey(talk.customer.journey),
      ...this.notes(talk.customer.notes),
      ...this.timeline(i, talk.timeline),
    );
  }

  /** @param {any} person @param {any} verified in this exchange @param {number|null} verify the exchange, where it may be asked for */
  person(person, verified, verify) {
    const { texts, urls } = this.setup;
    const proof = verified
      ? fill(texts.verified, { how: verified.how, when: time.clock(verified.at) }) : texts.not_verified;
    const facts = [
      ...person.identities.map((/** @type {any} */ one) => [one.label, one.value, one.verified_at]),
      [texts.language, person.language], [texts.town, person.town], [texts.organisation, person.organisation],
      [texts.known_since, time.date(person.known_since)], ...person.own,
    ].filter(([, value]) => value);
    const look = `desk-proof${verified ? " known" : ""}`;
    const sign = verified ? "verified_user" : "help";
    // on a phone this pane is behind a button, which wears the sign
    const door = byId("desk-sign");
    door.className = look;
    door.replaceChildren(icon(sign), h("span", { class: "sr-only", text: proof }));
    return [
      h("h2", { text: person.name }),
      person.simulated && h("p", {}, h("span", { class: "b-badge", text: texts.simulated })),
      person.blocked && h("p", { class: "desk-blocked" }, icon("block"), h("span", { text: fill(texts.blocked, { until: time.date(person.blocked.until), reason: person.blocked.reason }) }),
        this.setup.me.leads && h("button", { type: "button", text: texts.unblock, onclick: () => this.on.unblock() })),
      h("p", { class: look }, icon(sign), h("span", { text: proof })),
      !verified && verify !== null && h("button", { type: "button", class: "desk-more", text: texts.verify, onclick: () => this.on.verify(verify) }),
      h("dl", { class: "desk-facts" }, ...facts.map(([name, value]) => h("div", {}, h("dt", { text: name }), h("dd", { text: value })))),
      h("p", { class: "desk-said" }, h("a", { href: urls.customer.replace("/0/", `/${person.id}/`), text: texts.record })),
    ].filter(Boolean);
  }

  /** The installation's fields of this exchange. @param {number} i @param {Record<string, any>} values */
  own(i, values) {
    const { texts, own } = this.setup;
    if (!own.length) return [];
    const filled = own.filter((/** @type {any} */ field) => field.key in values);
    const facts = h("dl", { class: "desk-facts" }, ...filled.map((/** @type {any} */ field) =>
      h("div", {}, h("dt", { text: field.label }), h("dd", { text: this.worded(field.kind, values[field.key]) }))));
    return [
      h("h3", { text: texts.own }),
      filled.length ? facts : h("p", { class: "desk-said", text: texts.own_none }),
      h("button", { type: "button", class: "desk-more", text: texts.own_change, onclick: () => this.on.fillIn(i) }),
    ];
  }

  /** @param {string} kind @param {any} value */
  worded(kind, value) {
    if (kind === "boolean") return value ? this.setup.texts.yes : this.setup.texts.no;
    if (kind === "date") return time.date(`${value}T12:00`);
    return kind === "number" ? value.toLocaleString(this.setup.language) : value;
  }

  /** @param {any} journey */
  journey(journey) {
    const { texts } = this.setup;
    if (!journey) return [];
    const head = h("h3", { text: texts.journey });
    if (!journey.steps.length) return [head, h("p", { class: "desk-said", text: texts.no_journey })];
    return [head, h("ol", { class: "desk-steps" }, ...journey.steps.map((/** @type {any} */ step) => h("li", {},
      icon(STEP_ICONS[step.kind] || "circle"),
      h("span", {}, step.kind === "search" ? `« ${step.label} »` : step.label,
        h("small", { text: [step.kind_label, results(step, texts), time.clock(step.at)].filter(Boolean).join(" · ") })))))];
  }

  /** @param {any[]} notes */
  notes(notes) {
    if (!notes.length) return [];
    return [h("h3", { text: this.setup.texts.notes }), ...notes.map((note) => h("p", { class: "desk-said", text: `${note.text} (${note.by}, ${time.date(note.at)})` }))];
  }

  /** @param {number} i @param {any} timeline */
  timeline(i, timeline) {
    const { texts } = this.setup;
    if (!timeline.entries.length) return [h("h3", { text: texts.timeline }), h("p", { class: "desk-said", text: texts.no_timeline })];
    const more = timeline.next && h("button", { type: "button", class: "desk-more", text: texts.more, onclick: () => this.on.more(i, timeline.next) });
    return this.list("timeline", timeline.entries, more);
  }

  /** @param {string} name @param {any[]} entries @param {HTMLElement|null} more */
  list(name, entries, more) {
    const { texts, channels } = this.setup;
    if (!entries.length) return [];
    return [
      h("h3", { text: texts[name] }),
      h("ul", { class: "desk-past" }, ...entries.map((one) => h("li", {}, h("button", { type: "button", onclick: () => this.on.open(one.i) },
        icon(channels[one.channel]?.icon || "forum"),
        h("span", {}, one.title || channels[one.channel]?.label || one.ref,
          h("small", { text: [time.moment(one.at), one.outcome || one.status_label, one.agent || one.queue].filter(Boolean).join(" · ") })),
        one.score ? h("span", { class: "praise", text: fill(texts.score, { n: one.score }) }) : h("span"))))),
      ...(more ? [more] : []),
    ];
  }
}

/** @param {any} step @param {Record<string, string>} texts */
function results(step, texts) {
  if (step.kind !== "search" || step.value === null) return "";
  if (step.value === 1) return texts.result;
  return step.value ? fill(texts.results, { n: step.value }) : texts.no_results;
}
