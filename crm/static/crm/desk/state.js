// @ts-check
/**
 * What the desk knows, and how it changes: pure functions, no DOM, no network.
 *
 * Every visible change of an interaction has a number. A row and an opened talk each stand at one;
 * a frame with the next number is applied, an older one is known already, and a jump means "ask
 * again": `asks` says what for, and the answer (which carries its number) is one more event.
 *
 * @typedef {Record<string, any>} Row
 * @typedef {Record<string, any>} Frame
 * @typedef {{seq: number, messages: Record<number, any>, order: number[], more: boolean,
 *   seen: number, head: string, customer: any, timeline: any}} Talk
 * @typedef {{client_id: string, text: string, kind: string, at: string, state: string,
 *   code?: string, personal?: boolean}} Unsent
 * @typedef {{rows: number[], since: Record<number, number>, seen: number[], heads: number[],
 *   snapshot: boolean}} Asks
 * @typedef {{me: any, rows: Record<number, Row>, known: Record<number, number>,
 *   talks: Record<number, Talk>, unsent: Record<number, Unsent[]>,
 *   typing: Record<number, {name: string, who: string, until: number}>,
 *   agents: Record<number, {state: string, since: string|null}>, asks: Asks}} State
 */

/** @returns {Asks} */
function nothing() {
  return { rows: [], since: {}, seen: [], heads: [], snapshot: false };
}

/** @param {any} initial the page's JSON @returns {State} */
export function begin(initial) {
  /** @type {State} */
  const state = {
    me: initial.me, rows: {}, known: {}, talks: {}, unsent: {}, typing: {}, agents: {},
    asks: nothing(),
  };
  for (const row of initial.rows) {
    state.rows[row.i] = row;
    state.known[row.i] = row.seq;
  }
  for (const one of initial.colleagues || []) {
    state.agents[one.id] = { state: one.state, since: one.since };
  }
  return state;
}

/** Is this row on my desk: held by me, or waiting where I can see it? @param {State} state @param {Row} row */
export function isMine(state, row) {
  return state.me.id !== null && row.agent?.id === state.me.id &&
    (row.status === "active" || row.status === "pending");
}

/** @param {State} state @param {Row} row */
export function isWaiting(state, row) {
  if (row.status !== "waiting") return false;
  const seen = state.me.queues;
  return !seen || !row.queue || seen.includes(row.queue.id);
}

/** @param {State} state @returns {{mine: Row[], waiting: Row[]}} */
export function listed(state) {
  const rows = Object.values(state.rows);
  return {
    mine: rows.filter((row) => isMine(state, row)).sort(byUrgency),
    waiting: rows.filter((row) => isWaiting(state, row)).sort(byLine),
  };
}

/** Whose turn it is. @param {Row} row @returns {"me"|"them"|"nobody"|"snoozed"|"wrapup"|"closed"} */
export function turn(row) {
  if (row.status === "closed") return "closed";
  if (row.status === "waiting") return "nobody";
  if (row.ended_at) return "wrapup";
  if (row.status === "pending") return row.wake_at ? "snoozed" : "them";
  return (row.last_agent_at || "") > (row.last_customer_at || row.opened_at) ? "them" : "me";
}

/** Since when somebody waits. @param {Row} row @returns {string} */
export function waitingSince(row) {
  const whose = turn(row);
  if (whose === "nobody") return row.waiting_since || row.opened_at;
  if (whose === "me") return row.last_customer_at || row.opened_at;
  return row.last_agent_at || row.opened_at;
}

const RANK = { me: 0, wrapup: 1, them: 2, nobody: 2, snoozed: 3, closed: 4 };

/** @param {Row} a @param {Row} b */
function byUrgency(a, b) {
  return RANK[turn(a)] - RANK[turn(b)] || compare(waitingSince(a), waitingSince(b)) || a.i - b.i;
}

/** @param {Row} a @param {Row} b */
function byLine(a, b) {
  return b.priority - a.priority ||
    compare(a.waiting_since || "", b.waiting_since || "") || a.i - b.i;
}

/** @param {string} a @param {string} b */
function compare(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** What there is to ask the server, once. @param {State} state @returns {[State, Asks]} */
export function takeAsks(state) {
  return [{ ...state, asks: nothing() }, state.asks];
}

/** @param {State} state @param {Frame} event @returns {State} */
export function reduce(state, event) {
  const change = CHANGES[event.t];
  return change ? change(state, event) : state;
}

/** @type {Record<string, (state: State, event: any) => State>} */
const CHANGES = {
  message: (state, event) => rowHeard(talkHeard(state, event), event),
  since,
  interaction: (state, event) =>
    event.status === "waiting" || state.rows[event.i] || state.talks[event.i]
      ? askRows(state, [event.i]) : state,
  assigned: (state, event) => askRows(state, [event.i]),
  rated: (state, event) => (state.talks[event.i] ? askRows(state, [event.i]) : state),
  agent: agentChanged,
  again: (state) => askAll(state),
  again_rows: askWhole,
  // the hello itself asked for what the opened talks missed
  welcome: askWhole,
  typing: (state, event) =>
    event.who === "agent" && event.agent === state.me.id ? state : {
      ...state,
      typing: {
        ...state.typing,
        [event.i]: { name: event.name || "", who: event.who, until: event.received + 4000 },
      },
    },
  read: readMark,
  ack: (state, event) => markUnsent(state, event.i, event.client_id, "sent"),
  error: (state, event) =>
    event.client_id ? markUnsent(state, event.i, event.client_id, "failed", event.code)
      : event.code === "forbidden" && event.i ? askRows(state, [event.i]) : state,
  // answers to what was asked, and what the agent does
  rows: (state, event) => gone(event.rows.reduce(rowFetched, state), event.gone || []),
  snapshot: snapshotFetched,
  opened,
  older,
  seen: (state, event) => withTalk(state, event.i, (talk) => ({
    ...talk, seen: Math.max(talk.seen, event.seen),
  })),
  head: (state, event) => withTalk(state, event.i, (talk) => ({ ...talk, head: event.head })),
  timeline: (state, event) => withTalk(state, event.i, (talk) => ({
    ...talk,
    timeline: { entries: [...talk.timeline.entries, ...event.entries], next: event.next },
  })),
  left: (state, event) => {
    const talks = { ...state.talks };
    delete talks[event.i];
    return prune({ ...state, talks }, event.i);
  },
  unsent: (state, event) => ({
    ...state,
    unsent: { ...state.unsent, [event.i]: [...(state.unsent[event.i] || []), event.line] },
  }),
  resent: (state, event) => markUnsent(state, event.i, event.client_id, "sending"),
  mystate: (state, event) => ({
    ...state,
    me: { ...state.me, state: event.state, reason: event.reason || "", since: event.since },
  }),
};

// -- talks

/** @param {State} state @param {number} i @param {(talk: Talk) => Talk} change @returns {State} */
function withTalk(state, i, change) {
  const talk = state.talks[i];
  return talk ? { ...state, talks: { ...state.talks, [i]: change(talk) } } : state;
}

/** @param {Talk} talk @param {any} m @returns {Talk} */
function withMessage(talk, m) {
  const order = talk.messages[m.id] ? talk.order : insert(talk.order, m.id);
  return { ...talk, order, messages: { ...talk.messages, [m.id]: m } };
}

/** @param {number[]} order @param {number} id */
function insert(order, id) {
  let at = order.length;
  while (at > 0 && order[at - 1] > id) at -= 1;
  return [...order.slice(0, at), id, ...order.slice(at)];
}

/** @param {State} state @param {Frame} event @returns {State} */
function talkHeard(state, event) {
  const talk = state.talks[event.i];
  if (!talk || event.seq <= talk.seq) return state;
  if (event.seq > talk.seq + 1) return askSince(state, event.i, talk.seq);
  let next = withTalk(state, event.i, (old) => ({ ...withMessage(old, event.m), seq: event.seq }));
  next = settle(next, event.i, event.m);
  return event.m.kind === "event" || event.m.kind === "card" ? askHead(next, event.i) : next;
}

/** A stored line is no longer unsent, and whoever wrote it no longer types. @param {State} state @param {number} i @param {any} m @returns {State} */
function settle(state, i, m) {
  let next = state;
  if (m.client_id && state.unsent[i]?.some((line) => line.client_id === m.client_id)) {
    const left = state.unsent[i].filter((line) => line.client_id !== m.client_id);
    next = { ...next, unsent: { ...next.unsent, [i]: left } };
  }
  if (next.typing[i] && m.kind !== "event") {
    const typing = { ...next.typing };
    delete typing[i];
    next = { ...next, typing };
  }
  return next;
}

/** The frames that were missed, in order; numbers may jump. @param {State} state @param {any} event @returns {State} */
function since(state, event) {
  let next = state;
  const talk = state.talks[event.i];
  if (talk && event.after <= talk.seq && event.seq >= talk.seq) {
    next = withTalk(next, event.i, (old) => {
      const filled = event.frames.reduce(
        (/** @type {Talk} */ t, /** @type {Frame} */ f) => withMessage(t, f.m), old);
      return { ...filled, seq: event.seq };
    });
    for (const frame of event.frames) next = settle(next, event.i, frame.m);
    if (event.more) next = askSince(next, event.i, event.seq);
    if (event.frames.length) next = askHead(next, event.i);
  }
  const row = next.rows[event.i];
  return row && event.seq > row.seq ? askRows(next, [event.i]) : next;
}

/** @param {State} state @param {any} event @returns {State} */
function opened(state, event) {
  let next = event.row ? rowFetched(state, event.row, true) : state;
  const before = next.talks[event.i];
  /** @type {Talk} */
  let talk = {
    seq: event.talk.seq, messages: {}, order: [], more: event.talk.more, seen: event.talk.seen,
    head: event.head, customer: event.customer, timeline: event.timeline,
  };
  for (const frame of event.talk.frames) talk = withMessage(talk, frame.m);
  // an answer older than what we saw since keeps what we saw
  if (before && before.seq > talk.seq) {
    for (const id of before.order) talk = withMessage(talk, before.messages[id]);
    talk.seq = before.seq;
  }
  next = { ...next, talks: { ...next.talks, [event.i]: talk } };
  for (const frame of event.talk.frames) next = settle(next, event.i, frame.m);
  return next;
}

/** @param {State} state @param {any} event @returns {State} */
function older(state, event) {
  return withTalk(state, event.i, (talk) => {
    const filled = event.frames.reduce(
      (/** @type {Talk} */ t, /** @type {Frame} */ f) => (t.messages[f.m.id] ? t : withMessage(t, f.m)),
      talk);
    return { ...filled, more: event.more };
  });
}

// -- rows

/** @param {State} state @param {Frame} event @returns {State} */
function rowHeard(state, event) {
  const row = state.rows[event.i];
  if (!row) return event.seq > (state.known[event.i] || 0) ? askRows(state, [event.i]) : state;
  if (event.seq <= row.seq) return state;
  // the status is not in the frame; and after a jump nothing can be concluded from it
  if (event.seq > row.seq + 1 || event.m.kind === "event") return askRows(state, [event.i]);
  return withRow(state, said(row, event));
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
function prune(state, i) {
  const row = state.rows[i];
  if (!row || state.talks[i] || isMine(state, row) || isWaiting(state, row)) return state;
  const rows = { ...state.rows };
  delete rows[i];
  return { ...state, rows };
}

/** @param {State} state @param {Row} row @param {boolean|any} [keep] it is about to be opened @returns {State} */
function rowFetched(state, row, keep) {
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
function gone(state, keys) {
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
function snapshotFetched(state, event) {
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

// -- people

/** @param {State} state @param {any} event @returns {State} */
function agentChanged(state, event) {
  if (event.id === state.me.id) {
    if ((state.me.since || "") > millis(event.since)) return state;
    return {
      ...state,
      me: { ...state.me, state: event.state, reason: event.reason, since: millis(event.since) },
    };
  }
  const known = state.agents[event.id];
  if (known?.since && known.since > millis(event.since)) return state;
  return {
    ...state,
    agents: { ...state.agents, [event.id]: { state: event.state, since: millis(event.since) } },
  };
}

/** One spelling of a moment, so that texts compare. @param {string} at */
function millis(at) {
  return new Date(at).toISOString();
}

/** @param {State} state @param {any} event @returns {State} */
function readMark(state, event) {
  if (event.who === "customer") {
    if (!state.talks[event.i] || state.asks.seen.includes(event.i)) return state;
    return { ...state, asks: { ...state.asks, seen: [...state.asks.seen, event.i] } };
  }
  const row = state.rows[event.i];
  if (!row || event.agent !== state.me.id || event.seq <= row.read) return state;
  const unread = row.unread.filter((/** @type {any} */ one) => one.seq > event.seq);
  return { ...state, rows: { ...state.rows, [event.i]: { ...row, read: event.seq, unread } } };
}

// -- unsent lines

/** @param {State} state @param {number} i @param {string} key @param {string} to @param {string} [code] @returns {State} */
function markUnsent(state, i, key, to, code) {
  const lines = state.unsent[i];
  if (!lines?.some((line) => line.client_id === key)) return state;
  const changed = lines.map((line) => (line.client_id === key ? { ...line, state: to, code } : line));
  return { ...state, unsent: { ...state.unsent, [i]: changed } };
}

// -- asking

/** @param {State} state @param {number[]} keys @returns {State} */
function askRows(state, keys) {
  const rows = [...new Set([...state.asks.rows, ...keys])];
  return { ...state, asks: { ...state.asks, rows } };
}

/** @param {State} state @param {number} i @param {number} after @returns {State} */
function askSince(state, i, after) {
  return { ...state, asks: { ...state.asks, since: { ...state.asks.since, [i]: after } } };
}

/** @param {State} state @param {number} i @returns {State} */
function askHead(state, i) {
  if (state.asks.heads.includes(i)) return state;
  return { ...state, asks: { ...state.asks, heads: [...state.asks.heads, i] } };
}

/** @param {State} state @returns {State} */
function askAll(state) {
  let next = askWhole(state);
  for (const [key, talk] of Object.entries(state.talks)) next = askSince(next, Number(key), talk.seq);
  return next;
}

/** What no number tells: the list, and how far the customer has read. @param {State} state @returns {State} */
function askWhole(state) {
  const seen = [...new Set([...state.asks.seen, ...Object.keys(state.talks).map(Number)])];
  return { ...state, asks: { ...state.asks, seen, snapshot: true } };
}
