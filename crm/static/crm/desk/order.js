// @ts-check
/** Which rows are mine, which wait, whose turn it is, and who comes first. Reads, changes nothing. */
/** @typedef {import("./shape.js").State} State @typedef {import("./shape.js").Row} Row */

/** Is it in my hands, or do I assist whoever has it? @param {State} state @param {Row} row */
export function isMine(state, row) {
  return state.me.id !== null && (row.agent?.id === state.me.id || iAssist(state, row)) &&
    (row.status === "active" || row.status === "pending");
}

/** A colleague's, in which I write too. @param {State} state @param {Row} row */
export function iAssist(state, row) {
  return row.assistants.some((/** @type {any} */ one) => one.id === state.me.id);
}

/** @param {State} state @param {Row} row */
export function isWaiting(state, row) {
  if (row.status !== "waiting") return false;
  const seen = state.me.queues;
  return !seen || !row.queue || seen.includes(row.queue.id);
}

/** Named in a note there, and it is neither mine nor in my lines. @param {State} state @param {Row} row */
export function isNamed(state, row) {
  return row.named.length > 0 && !isMine(state, row) && !isWaiting(state, row);
}

/** @param {State} state @returns {{mine: Row[], waiting: Row[], named: Row[]}} */
export function listed(state) {
  const rows = Object.values(state.rows);
  return {
    mine: rows.filter((row) => isMine(state, row)).sort(byUrgency),
    waiting: rows.filter((row) => isWaiting(state, row)).sort(byLine),
    named: rows.filter((row) => isNamed(state, row)).sort(byLine),
  };
}

/** Whose turn it is. @param {Row} row @returns {"me"|"them"|"nobody"|"snoozed"|"wrapup"|"closed"} */
export function turn(row) {
  if (row.status === "closed") return "closed";
  if (row.status === "waiting") return "nobody";
  if (row.ended_at) return "wrapup";
  if (row.status === "pending") return row.wake_at ? "snoozed" : "them";
  return (row.last_agent_at || "") > called(row) && !row.promise ? "them" : "me";
}

/** Since when the agent has to act: the customer's last words, or the moment until which it was
 * set aside. @param {Row} row @returns {string} */
function called(row) {
  const said = row.last_customer_at || row.opened_at;
  return row.wake_at && row.wake_at > said ? row.wake_at : said;
}

/** Since when somebody waits. @param {Row} row @returns {string} */
export function waitingSince(row) {
  const whose = turn(row);
  if (whose === "nobody") return row.waiting_since || row.opened_at;
  if (whose === "me") return row.promise || called(row);
  return row.last_agent_at || row.opened_at;
}

const RANK = { me: 0, wrapup: 1, them: 2, nobody: 2, snoozed: 3, closed: 4 };

/** @param {Row} a @param {Row} b */
function byUrgency(a, b) {
  return RANK[turn(a)] - RANK[turn(b)] || compare(waitingSince(a), waitingSince(b)) || a.i - b.i;
}

/** @param {Row} a @param {Row} b */
function byLine(a, b) {
  return place(a) - place(b) || a.i - b.i;
}

/** As the server serves: a step of priority is ten minutes of waiting. @param {Row} row */
function place(row) {
  return Date.parse(row.waiting_since || row.opened_at) - row.priority * 600_000;
}

/** @param {string} a @param {string} b */
function compare(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}
