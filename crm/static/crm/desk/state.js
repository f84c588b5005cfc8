// @ts-check
/**
 * What the desk knows, and how it changes: pure functions, no DOM, no network.
 *
 * Every visible change of an interaction has a number. A row and an opened talk each stand at one;
 * a frame with the next number is applied, an older one is known already, and a jump means "ask
 * again": `asks` says what for, and the answer (which carries its number) is one more event.
 */
import { askAll, askRows, askWhole, nothing } from "./asks.js";
import { gone, prune, rowFetched, rowHeard, snapshotFetched } from "./rows.js";
import { older, opened, since, talkHeard, withTalk } from "./talks.js";

/** @typedef {import("./shape.js").State} State @typedef {import("./shape.js").Asks} Asks */
/** @typedef {import("./shape.js").Frame} Frame */

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
  mention: (state, event) => askRows(state, [event.i]),
  whisper: (state, event) => askRows(state, [event.i]),
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
        [event.i]: { name: event.name || "", who: event.who, text: event.text || "", until: event.received + 4000 },
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
  unsaid: (state, event) => ({
    ...state,
    unsent: { ...state.unsent, [event.i]: (state.unsent[event.i] || []).filter((line) => line.client_id !== event.client_id) },
  }),
  resent: (state, event) => markUnsent(state, event.i, event.client_id, "sending"),
  mystate: (state, event) => ({
    ...state,
    me: { ...state.me, state: event.state, reason: event.reason || "", since: event.since, break: event.break },
  }),
  break: (state) => ({ ...state, me: { ...state.me, break: null } }),
};

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
