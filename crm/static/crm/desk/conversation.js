// @ts-check
/** The middle pane: what was said, by whom, and what became of my own lines. */
import { byId, fill, h, icon, linked, say } from "./dom.js";
import { marked } from "./marks.js";
import { letterFoot } from "./delivery.js";
import { showDue, showTurn } from "./list.js";
import { together } from "./handing.js";
import { iAssist, isMine } from "./order.js";
import * as time from "./time.js";

/** @typedef {import("./shape.js").State} State @typedef {import("./shape.js").Row} Row */

const SAME_BREATH = 120000; // lines of one person within it stand under one name

export class Conversation {
  /** @param {any} setup @param {{older: (i: number) => void, retry: (i: number, key: string) => void, letter: (i: number, verb: string, m: any) => void, undo: (i: number) => void, change: (i: number, m: any, away: boolean) => void, submitted: (form: HTMLFormElement, button: HTMLElement|null) => void}} on */
  constructor(setup, on) {
    this.setup = setup;
    this.on = on;
    this.log = byId("desk-log");
    /** @type {number|null} */
    this.i = null;
    /** @type {Map<string, {key: any, element: HTMLElement}>} */
    this.shown = new Map();
    this.head = "";
    /** The last line is in sight, and stays so. Not asked at each drawing: after the list has changed
     * that would lay out the whole page twice. */
    this.atEnd = true;
    this.log.addEventListener("scroll", () => (this.atEnd = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 60), { passive: true });
    new ResizeObserver(() => this.atEnd && this.toEnd()).observe(this.log);
    byId("desk-turn").classList.add("full");
    byId("desk-due").classList.add("full");
    byId("desk-channel").addEventListener("submit", (/** @type {SubmitEvent} */ event) => {
      event.preventDefault();
      on.submitted(/** @type {HTMLFormElement} */ (event.target), /** @type {HTMLElement|null} */ (event.submitter));
    });
  }

  /** @param {State} state @param {number|null} i */
  render(state, i) {
    const row = i === null ? null : state.rows[i];
    const talk = i === null ? null : state.talks[i];
    byId("desk-open").hidden = !row || !talk;
    byId("desk-none").hidden = Boolean(row && talk);
    if (!row || !talk || i === null) {
      this.i = null;
      const { texts } = this.setup;
      const away = state.me.id && !["available", "working", "wrap_up"].includes(state.me.state);
      const any = Object.keys(state.rows).length > 0;
      say(byId("desk-none-text"), any ? texts.pick : away ? texts.pick_none : texts.waiting_empty);
      return;
    }
    const fresh = this.i !== i;
    if (fresh) {
      this.shown.clear();
      this.log.replaceChildren();
      this.head = "";
      this.i = i;
    }
    this.title(state, row);
    if (talk.head !== this.head) {
      this.head = talk.head;
      // our own server's fragment, escaped by its templates
      byId("desk-channel").innerHTML = talk.head.trim();
    }
    const atEnd = fresh || this.atEnd;
    const changed = this.lines(state, row, talk);
    this.typing(state);
    if (atEnd && (fresh || changed)) this.toEnd();
  }

  toEnd() {
    this.atEnd = true;
    this.log.scrollTop = this.log.scrollHeight;
  }

  /** @param {State} state @param {Row} row */
  title(state, row) {
    const talk = state.talks[row.i];
    const { texts, channels } = this.setup;
    say(byId("desk-name"), row.customer.name);
    const channel = channels[row.channel]?.label || row.channel;
    const about = [channel, row.customer.simulated && texts.simulated, together(this.setup, row), row.ref, row.subject?.name, row.title, row.queue?.name].filter(Boolean);
    say(byId("desk-about"), [...new Set(about)].join(" · "));
    this.log.setAttribute("aria-label", fill(texts.log, { name: row.customer.name }));
    showTurn(byId("desk-turn"), row, this.setup);
    showDue(byId("desk-due"), row, this.setup);
    this.complaint(row);
    const marks = byId("desk-hard-mark");
    marks.hidden = !row.hard.length;
    say(marks, row.hard.map((/** @type {string} */ kind) => texts[`hard_${kind}`]).join(" · "));
    const helps = iAssist(state, row);
    const mine = isMine(state, row) && !helps;
    const free = !row.agent && row.status !== "closed";
    const agent = state.me.id !== null;
    /** @type {Record<string, boolean>} */
    const offered = {
      take: agent && free,
      close: agent && (mine || free),
      prolong: mine && row.wrap_more > 0,
      part: helps,
      takeover: agent && state.me.leads && !mine && !helps && Boolean(row.agent) && row.status !== "closed" && row.agent.id !== state.me.id,
      alone: mine && row.assistants.length > 0,
      goon: agent && (mine || free),
      join: mine && row.status === "active" && !row.ended_at && channels[row.channel]?.load === "place",
      wait: mine && row.status === "active" && !row.ended_at,
      snooze: mine && !row.ended_at,
      transfer: agent && (mine || free),
      reopen: agent && row.status === "closed",
      regroup: agent && (mine || free || row.status === "closed"),
      moment: mine && Boolean(channels[row.channel]?.live) && !row.ended_at,
      abuse: mine,
      distress: mine,
      fraud: mine,
      block: state.me.leads && !talk?.customer.blocked,
      macro: mine && !row.ended_at,
      spam: agent && (mine || free) && Boolean(this.setup.channels[row.channel]?.letters),
      complain: agent && (mine || free || (row.status === "closed" && Boolean(row.complaint))),
    };
    for (const button of document.querySelectorAll("[data-do]")) {
      const element = /** @type {HTMLElement} */ (button);
      element.hidden = !offered[element.dataset.do || ""];
    }
    byId("desk-more").hidden = !["macro", "abuse", "takeover", "block", "goon", "join", "alone", "regroup", "spam", "complain"].some((name) => offered[name]);
  }

  /** Its level and owner, beside the turn. @param {Row} row */
  complaint(row) {
    const { texts } = this.setup;
    const mark = byId("desk-complaint-mark");
    mark.hidden = !row.complaint;
    if (!row.complaint) return;
    const owner = row.complaint.owner ? ` · ${fill(texts.complaint_owner, { name: row.complaint.owner.name })}` : "";
    say(mark, fill(texts.complaint, { level: row.complaint.name }) + owner);
  }

  /** @param {State} state */
  typing(state) {
    const who = this.i === null ? null : state.typing[this.i];
    const alive = who && who.until > Date.now();
    const said = alive ? fill(this.setup.texts.typing, { name: who.name || this.setup.texts.customer }) : "";
    say(byId("desk-typing"), alive && who.text ? `${said} ${who.text}` : said);
  }

  /** Keyed: only what changed is drawn again. @param {State} state @param {Row} row @param {import("./shape.js").Talk} talk */
  lines(state, row, talk) {
    /** @type {{id: string, key: any[], make: () => HTMLElement}[]} */
    const wanted = [];
    const { texts } = this.setup;
    if (talk.more) wanted.push({ id: "more", key: [], make: () => h("button", { type: "button", class: "desk-older", text: texts.older, onclick: () => this.on.older(row.i) }) });
    let day = "";
    /** @type {any} */
    let last = null;
    const letters = !this.setup.channels[row.channel]?.live;
    const known = new Set(talk.customer.identities.map((/** @type {any} */ one) => one.value));
    const own = letters || row.status === "closed" ? undefined : talk.order.findLast((id) => isOwn(talk.messages[id], state.me.id));
    for (const id of talk.order) {
      const m = talk.messages[id];
      const today = time.day(m.at);
      if (today !== day) {
        day = today;
        last = null;
        wanted.push({ id: `day-${m.at.slice(0, 10)}-${today}`, key: [today], make: () => h("p", { class: "desk-day", text: today }) });
      }
      const same = !letters && last && m.kind === "text" && last.kind === "text" && last.author === m.author &&
        last.agent?.id === m.agent?.id && Date.parse(m.at) - Date.parse(last.at) < SAME_BREATH;
      const read = m.author === "agent" && m.kind === "text" && id <= talk.seen;
      const other = m.author === "customer" && Boolean(m.body.from) && !known.has(m.body.from);
      wanted.push({ id: `m-${id}`, key: [m, same, read, id === own, other], make: () => this.message(m, row, { same, read, letters, own: id === own, other }) });
      last = m;
    }
    for (const line of state.unsent[row.i] || []) {
      wanted.push({ id: `u-${line.client_id}`, key: [line], make: () => this.unsent(line, row) });
    }
    if (!wanted.length) wanted.push({ id: "none", key: [], make: () => h("p", { class: "desk-event", text: texts.no_messages }) });
    return this.place(wanted);
  }

  /** @param {{id: string, key: any[], make: () => HTMLElement}[]} wanted @returns {boolean} whether anything is drawn anew */
  place(wanted) {
    const gone = new Set(this.shown.keys());
    let changed = false;
    wanted.forEach(({ id, key, make }, at) => {
      gone.delete(id);
      const known = this.shown.get(id);
      let element = known?.element;
      if (!known || known.key.length !== key.length || known.key.some((/** @type {any} */ part, /** @type {number} */ n) => part !== key[n])) {
        const made = make();
        const unfolded = element?.querySelector("details[open]");
        if (unfolded) made.querySelector("details")?.replaceWith(unfolded); // it is being read
        element?.replaceWith(made);
        element = made;
        changed = true;
        this.shown.set(id, { key, element });
      }
      if (this.log.children[at] !== element) this.log.insertBefore(element, this.log.children[at] || null);
    });
    for (const id of gone) {
      this.shown.get(id)?.element.remove();
      this.shown.delete(id);
    }
    return changed || gone.size > 0;
  }

  /** @param {any} m @param {Row} row @param {{same: boolean, read: boolean, letters: boolean, own: boolean, other: boolean}} how */
  message(m, row, { same, read, letters, own, other }) {
    const { texts } = this.setup;
    if (m.kind === "event") return h("p", { class: `desk-event${m.body.event.startsWith("mail_") ? " wrong" : ""}`, text: `${eventText(m, texts, this.setup)} · ${time.clock(m.at)}` });
    const stranger = m.author === "customer" && m.body.stranger;
    const name = other ? m.body.name || m.body.from : m.author === "customer" ? row.customer.name : m.agent?.name || texts.system;
    const classes = ["desk-message", same && "same", letters && m.kind === "text" && "letter"].filter(Boolean).join(" ");
    const bubble = h("div", { class: `desk-bubble${m.deleted ? " deleted" : ""}` },
      ...(m.deleted ? [texts.deleted] : m.kind === "card" ? [cardText(m, texts)] : m.body.file ? [this.file(m, row)] : m.author === "agent" ? marked(m.text) : linked(m.text)));
    const by = h("p", { class: "desk-by" }, h("b", { text: name }),
      m.body.personal && h("span", { class: "desk-lock" }, icon("lock"), texts.personal),
      m.kind === "note" && h("span", { text: m.body.auto ? texts.robot : m.body.forward ? fill(texts.forwarded, { to: m.body.forward.join(", ") }) : texts.note }),
      m.body.cc && h("span", { text: fill(texts.copied, { to: m.body.cc.join(", ") }) }),
      m.body.bcc && h("span", { text: fill(texts.copied_blind, { to: m.body.bcc.join(", ") }) }),
      stranger && h("span", { class: "desk-stranger", text: `${m.body.from}, ${texts.stranger}` }),
      h("time", { datetime: m.at, text: time.clock(m.at) }), m.edited && h("span", { text: texts.edited }));
    const change = (/** @type {string} */ word, /** @type {boolean} */ away) =>
      h("button", { type: "button", text: word, onclick: () => this.on.change(row.i, m, away) });
    const foot = read || own ? h("p", { class: "desk-foot" }, read && texts.read,
      own && !m.body.file && change(texts.change, false), own && change(texts.take_back, true)) : letters && !m.deleted && m.kind !== "card" ? letterFoot(m, this.setup, (verb) => this.on.letter(row.i, verb, m)) : null;
    return h("article", { class: classes, "data-author": m.author, "data-kind": m.kind }, by, bubble, m.deleted ? null : this.original(m, row), foot);
  }

  /** A picture, or a name to open it by; the door makes a link that soon expires. @param {any} m @param {Row} row */
  file(m, row) {
    const { name, type, size } = m.body.file;
    const href = `${this.setup.urls.base}${row.i}/file/${m.id}/`;
    const picture = this.setup.pictures.includes(type);
    const unit = size < 1e6 ? "kilobyte" : "megabyte";
    const shown = new Intl.NumberFormat(this.setup.language, { style: "unit", unit, maximumFractionDigits: 1 }).format(Math.max(1, size / (size < 1e6 ? 1e3 : 1e6)));
    return h("a", { href, class: "desk-file", target: "_blank", rel: "noopener" },
      picture ? h("img", { src: href, alt: name, loading: "lazy" }) : icon("draft"), !picture && `${name} · ${shown}`);
  }

  /** What the message was made of, fetched when it is unfolded (crm/original.js). @param {any} m @param {Row} row */
  original(m, row) {
    const { texts, channels } = this.setup;
    const address = channels[row.channel]?.original;
    const { html, files, folded } = m.body;
    if (!address || !m.body[row.channel] || !(html || files || folded || m.body.delivery)) return null;
    const words = files ? fill(files === 1 ? texts.original_file : texts.original_files, { n: files }) : html || m.body.delivery ? texts.original : texts.quoted;
    return h("details", { class: "b-original", "data-original": address.replace("/0/", `/${m.body[row.channel]}/`) }, h("summary", { text: words }));
  }

  /** @param {import("./shape.js").Unsent} line @param {Row} row */
  unsent(line, row) {
    const { texts } = this.setup;
    const failed = line.state === "failed";
    const held = line.state === "held";
    return h("article", { class: "desk-message same", "data-author": "agent", "data-kind": line.kind },
      h("div", { class: "desk-bubble" }, ...marked(line.text)),
      h("p", { class: `desk-foot${failed ? " failed" : held ? " held" : ""}` },
        held && h("button", { type: "button", text: texts.undo_send, title: `${texts.undo_send} (Alt + U)`, onclick: () => this.on.undo(row.i) }),
        held ? null : failed ? texts[line.code || ""] || texts.failed : line.state === "sent" ? texts.sent : texts.sending,
        failed && h("button", { type: "button", text: texts.retry, onclick: () => this.on.retry(row.i, line.client_id) })));
  }
}

/** @param {any} m @param {number|null} me */
function isOwn(m, me) {
  return m.author === "agent" && m.kind === "text" && !m.deleted && m.agent?.id === me;
}

/** @param {any} m @param {Record<string, string>} texts @param {any} setup */
function eventText(m, texts, setup) {
  const body = { ...m.body };
  if (body.until) body.until = time.moment(body.until);
  if (m.body.event === "snoozed" && !body.until) return texts.ev_their_turn;
  if (m.body.event === "closed") body.outcome = setup.words[body.outcome] || body.outcome || "";
  if (body.channel) body.channel = setup.channels[body.channel]?.label || body.channel;
  const how = body.why; // one sentence per reason
  const words = texts[`ev_${body.event}_${how}`] || texts[`ev_${body.event}`] || texts.ev_other;
  return fill(words, body).replace(/[ :]*\{\w+\}/g, "");
}

/** @param {any} m @param {Record<string, string>} texts */
function cardText(m, texts) {
  const { card, score } = m.body;
  if (card === "survey") return score ? fill(texts.survey_done, { score }) : texts.survey_card;
  return m.text || fill(texts.card, { name: card || "" });
}
