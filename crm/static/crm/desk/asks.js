// @ts-check
/** What there is to ask the server: noted here, taken by the page, answered by one more event. */
/** @typedef {import("./shape.js").State} State @typedef {import("./shape.js").Asks} Asks */

/** @returns {Asks} */
export function nothing() {
  return { rows: [], since: {}, seen: [], heads: [], snapshot: false };
}

/** @param {State} state @param {number[]} keys @returns {State} */
export function askRows(state, keys) {
  const rows = [...new Set([...state.asks.rows, ...keys])];
  return { ...state, asks: { ...state.asks, rows } };
}

/** @param {State} state @param {number} i @param {number} after @returns {State} */
export function askSince(state, i, after) {
  return { ...state, asks: { ...state.asks, since: { ...state.asks.since, [i]: after } } };
}

/** @param {State} state @param {number} i @returns {State} */
export function askHead(state, i) {
  if (state.asks.heads.includes(i)) return state;
  return { ...state, asks: { ...state.asks, heads: [...state.asks.heads, i] } };
}

/** @param {State} state @returns {State} */
export function askAll(state) {
  let next = askWhole(state);
  for (const [key, talk] of Object.entries(state.talks)) next = askSince(next, Number(key), talk.seq);
  return next;
}

/** What no number tells: the list, and how far the customer has read. @param {State} state @returns {State} */
export function askWhole(state) {
  const seen = [...new Set([...state.asks.seen, ...Object.keys(state.talks).map(Number)])];
  return { ...state, asks: { ...state.asks, seen, snapshot: true } };
}
