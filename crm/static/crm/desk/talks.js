// @ts-check
/** How an opened talk changes: line by line, by what was missed, by the answer that opened it. */
import { askHead, askRows, askSince } from "./asks.js";
import { rowFetched } from "./rows.js";

/** @typedef {import("./shape.js").State} State @typedef {import("./shape.js").Talk} Talk */
/** @typedef {import("./shape.js").Frame} Frame */

/** @param {State} state @param {number} i @param {(talk: Talk) => Talk} change @returns {State} */
export function withTalk(state, i, change) {
  const talk = state.talks[i];
  return talk ? { ...state, talks: { ...state.talks, [i]: change(talk) } } : state;
}

/** @param {Talk} talk @param {any} m @param {number} seq @returns {Talk} */
function withMessage(talk, m, seq) {
  const order = talk.messages[m.id] ? talk.order : insert(talk.order, m.id);
  const next = { ...talk, order, messages: { ...talk.messages, [m.id]: m }, seqs: { ...talk.seqs, [m.id]: seq } };
  return m.body?.gone ? { ...next, gone: [...next.gone, { seq, ids: m.body.gone }] } : next;
}

/** Without what went to another exchange (merged, split off); what came back since has a higher
 * number. @param {Talk} talk @returns {Talk} */
function withoutGone(talk) {
  if (!talk.gone.length) return talk;
  const left = new Set(talk.gone.flatMap(({ seq, ids }) => ids.filter((id) => talk.seqs[id] < seq)));
  if (!left.size) return talk;
  const messages = { ...talk.messages };
  for (const id of left) delete messages[id];
  return { ...talk, messages, order: talk.order.filter((id) => !left.has(id)) };
}

/** @param {number[]} order @param {number} id */
function insert(order, id) {
  let at = order.length;
  while (at > 0 && order[at - 1] > id) at -= 1;
  return [...order.slice(0, at), id, ...order.slice(at)];
}

/** @param {State} state @param {Frame} event @returns {State} */
export function talkHeard(state, event) {
  const talk = state.talks[event.i];
  if (!talk || event.seq <= talk.seq) return state;
  if (event.seq > talk.seq + 1) return askSince(state, event.i, talk.seq);
  let next = withTalk(state, event.i, (old) => ({ ...withoutGone(withMessage(old, event.m, event.seq)), seq: event.seq }));
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
export function since(state, event) {
  let next = state;
  const talk = state.talks[event.i];
  if (talk && event.after <= talk.seq && event.seq >= talk.seq) {
    next = withTalk(next, event.i, (old) => {
      const filled = event.frames.reduce(
        (/** @type {Talk} */ t, /** @type {Frame} */ f) => withMessage(t, f.m, f.seq), old);
      return { ...withoutGone(filled), seq: event.seq };
    });
    for (const frame of event.frames) next = settle(next, event.i, frame.m);
    if (event.more) next = askSince(next, event.i, event.seq);
    if (event.frames.length) next = askHead(next, event.i);
  }
  const row = next.rows[event.i];
  return row && event.seq > row.seq ? askRows(next, [event.i]) : next;
}

/** @param {State} state @param {any} event @returns {State} */
export function opened(state, event) {
  let next = event.row ? rowFetched(state, event.row, true) : state;
  const before = next.talks[event.i];
  /** @type {Talk} */
  let talk = {
    seq: event.talk.seq, messages: {}, order: [], seqs: {}, gone: [], letter: event.letter, more: event.talk.more, seen: event.talk.seen,
    head: event.head, customer: event.customer, timeline: event.timeline,
  };
  for (const frame of event.talk.frames) talk = withMessage(talk, frame.m, frame.seq);
  // an answer older than what we saw since keeps what we saw
  if (before && before.seq > talk.seq) {
    for (const id of before.order) talk = withMessage(talk, before.messages[id], before.seqs[id]);
    talk.seq = before.seq;
  }
  talk = withoutGone(talk);
  next = { ...next, talks: { ...next.talks, [event.i]: talk } };
  for (const frame of event.talk.frames) next = settle(next, event.i, frame.m);
  return next;
}

/** @param {State} state @param {any} event @returns {State} */
export function older(state, event) {
  return withTalk(state, event.i, (talk) => {
    const filled = event.frames.reduce(
      (/** @type {Talk} */ t, /** @type {Frame} */ f) => (t.messages[f.m.id] ? t : withMessage(t, f.m, f.seq)),
      talk);
    return { ...withoutGone(filled), more: event.more };
  });
}
