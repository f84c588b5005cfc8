// @ts-check
/** On top: the connection, my state, my places. */
import { byId, fill, say } from "./dom.js";
import * as dialogs from "./dialogs.js";
import { isMine } from "./order.js";

const WITH_REASON = ["break", "meeting", "training", "other"];
const READY = ["available", "working", "wrap_up"];

/** @param {any} setup @param {(state: string, reason: string) => Promise<any>} change */
export function begin(setup, change) {
  const choice = byId("desk-state-choice");
  if (!choice) return;
  const back = () => show(setup);
  byId("desk-break").addEventListener("click", () => change("available", "").catch(back));
  choice.addEventListener("change", () => {
    const wanted = choice.value;
    const label = choice.selectedOptions[0].textContent || "";
    if (!WITH_REASON.includes(wanted)) {
      change(wanted, "").catch(back);
      return;
    }
    dialogs.reason(label, ({ reason }) => change(wanted, reason), back);
  });
}

/** @type {any} */
let last = null;

/** @param {any} setup @param {import("./shape.js").State} [state] */
export function show(setup, state = last) {
  last = state;
  const choice = byId("desk-state-choice");
  if (!choice || !state) return;
  const { me } = state;
  const ready = READY.includes(me.state);
  choice.value = ready ? "available" : me.state;
  byId("desk-state-mark").dataset.state = ready ? "ready" : me.state === "offline" ? "offline" : "away";
  const words = Object.fromEntries(setup.states);
  choice.title = [words[me.state], me.reason].filter(Boolean).join(" · ");
  const used = Object.values(state.rows).filter(
    (row) => isMine(state, row) && row.status === "active" && setup.channels[row.channel]?.load === "place").length;
  say(byId("desk-places"), fill(setup.texts.places, { used, all: me.places }));
  byId("desk-break").hidden = !me.break;
  say(byId("desk-break"), fill(setup.texts.break_place, { n: me.break }));
}

/** @param {any} setup @param {"online"|"offline"|"over"} state */
export function connection(setup, state) {
  const mark = byId("desk-live");
  mark.dataset.state = state === "online" ? "online" : "offline";
  const { texts } = setup;
  say(byId("desk-live-word"), state === "online" ? texts.live : state === "over" ? texts.signed_out_short : texts.offline_short);
  mark.title = state === "online" ? texts.live : state === "over" ? texts.signed_out : texts.offline;
}
