// @ts-check
/** How the list's rows change: by what was said, by the server's own rows, by its whole list. */
import { askRows, askSince } from "./asks.js";
import { isMine, isNamed, isWaiting } from "./order.js";

/** @typedef {import("./shape.js").State} State @typedef {import("./shape.js").Row} Row */
/** @typedef {import("./shape.js").Frame} Frame */

/** @param {State} state @param {Frame} event @returns {State} */
export function rowHeard(state, event) {
  const row = state.rows[event.i];
  if (!row) return event.seq > (state.known[event.i] || 0) ? askRows(state, [event.i]) : state;
  if (event.seq <= row.seq) return state;
  // the status is not in the frame; and after a jump nothing can be concluded from it
  if (event.seq > row.seq + 1 || event.m.kind === "event") return askRows(state, [event.i]);
  const next = withRow(state, said(row, event));
  // an answer, or words that want one, may move what is due; live lines only if something is
  const moves = event.m.kind === "text" && (row.due || !row.live);
  return moves ? askRows(next, [event.i]) : next;
}

/** A row after one more message. @param {Row} row @param {Frame} event @returns {Row} */
function said(row, event) {
  const { m, seq } = event;
  /** @type {Row} */
  const next = { ...row, seq };
  if (m.kind !== "text") return next;
  if (m.id >= (row.line?.id || 0)) {
    next.line = {
      id: m.id, author: m.author, agent: m.agent?.name || null, text: preview(m),
      deleted: m.deleted, at: m.at,
    };
  }
  const unread = row.unread.filter((/** @type {any} */ one) => one.id !== m.id);
  if (m.author === "customer") {
    if (!m.edited && !m.deleted) next.last_customer_at = later(row.last_customer_at, m.at);
    if (row.agent && seq > row.read) unread.push({ id: m.id, seq });
    unread.sort((/** @type {any} */ a, /** @type {any} */ b) => a.id - b.id);
  } else if (m.author === "agent" && !m.edited && !m.deleted) {
    next.last_agent_at = later(row.last_agent_at, m.at);
    next.promise = m.body.promise || null;
  }
  next.unread = unread;
  return next;
}

/** @param {string|null} a @param {string} b */
function later(a, b) {
  return a && a > b ? a : b;
}

/** As the server shortens it (crm/admin/desk/rows.py). @param {any} m */
function preview(m) {
  if (m.deleted) return "";
  const start = [...m.text].slice(0, 280).join("");
  return [...start.trim().split(/\s+/).join(" ")].slice(0, 140).join("");
}

/** @param {State} state @param {Row} row @returns {State} */
function withRow(state, row) {
  const next = {
    ...state,
    rows: { ...state.rows, [row.i]: row },
    known: { ...state.known, [row.i]: Math.max(state.known[row.i] || 0, row.seq) },
  };
  return prune(next, row.i);
}

/** What is neither listed nor opened is forgotten, but for its number. @param {State} state @param {number} i @returns {State} */
export function prune(state, i) {
  const row = state.rows[i];
  if (!row || state.talks[i] || isMine(state, row) || isWaiting(state, row) || isNamed(state, row)) return state;
  const rows = { ...state.rows };
  delete rows[i];
  return { ...state, rows };
}

/** @param {State} state @param {Row} row @param {boolean|any} [keep] it is about to be opened @returns {State} */
export function rowFetched(state, row, keep) {
  const old = state.rows[row.i];
  if (row.seq < (state.known[row.i] || 0)) return askRows(state, [row.i]);
  const read = Math.max(row.read, old?.read || 0);
  const next = read === row.read ? row : {
    ...row, read, unread: row.unread.filter((/** @type {any} */ one) => one.seq > read),
  };
  if (keep === true) {
    return {
      ...state,
      rows: { ...state.rows, [row.i]: next },
      known: { ...state.known, [row.i]: row.seq },
    };
  }
  const talk = state.talks[row.i];
  const after = withRow(state, next);
  return talk && talk.seq < row.seq ? askSince(after, row.i, talk.seq) : after;
}

/** @param {State} state @param {number[]} keys @returns {State} */
export function gone(state, keys) {
  if (!keys.length) return state;
  const rows = { ...state.rows };
  const talks = { ...state.talks };
  for (const key of keys) {
    delete rows[key];
    delete talks[key];
  }
  return { ...state, rows, talks };
}

/** Merge by number: newer rows replace, and what the server no longer lists is asked for. @param {State} state @param {any} event @returns {State} */
export function snapshotFetched(state, event) {
  let next = event.rows.reduce((/** @type {State} */ s, /** @type {Row} */ r) => rowFetched(s, r), {
    ...state, me: newerMe(state.me, event.me),
  });
  for (const one of event.colleagues) {
    const known = next.agents[one.id]?.since || "";
    if (known > (one.since || "")) continue;
    next = { ...next, agents: { ...next.agents, [one.id]: { state: one.state, since: one.since } } };
  }
  const there = new Set(event.rows.map((/** @type {Row} */ row) => row.i));
  const missing = Object.values(next.rows).filter((row) => !there.has(row.i)).map((row) => row.i);
  if (missing.length) next = askRows(next, missing);
  return next;
}

/** @param {any} mine @param {any} theirs */
function newerMe(mine, theirs) {
  if ((mine.since || "") <= (theirs.since || "")) return theirs;
  return { ...theirs, state: mine.state, reason: mine.reason, since: mine.since };
}
