// Replays what a server sent, mangled, through the shipped reducer. Answers to what the reducer
// asks come from the server as it was at that moment or later, as over a network.
import { listed } from "/crm/desk/order.js";
import { begin, reduce, takeAsks } from "/crm/desk/state.js";

/** A small deterministic generator, so that a failure can be repeated. */
function random(seed) {
  let value = seed >>> 0;
  return () => {
    value = (value + 0x6d2b79f5) >>> 0;
    let t = Math.imul(value ^ (value >>> 15), 1 | value);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function stable(value) {
  if (Array.isArray(value)) return value.map(stable);
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.keys(value).sort().map((key) => [key, stable(value[key])]));
  }
  return value;
}

/** What is on the screen, without what passes (typing) and what is on its way. */
function screen(state) {
  const { mine, waiting } = listed(state);
  return JSON.stringify(stable({
    me: state.me, mine, waiting, agents: state.agents,
    talks: Object.fromEntries(Object.entries(state.talks).map(([i, talk]) => [
      i, { seq: talk.seq, seen: talk.seen, head: talk.head, said: talk.order.map((id) => talk.messages[id]) },
    ])),
  }));
}

const settled = (state) => {
  const { asks } = state;
  return !asks.rows.length && !asks.seen.length && !asks.heads.length && !asks.snapshot &&
    !Object.keys(asks.since).length;
};

/** One round of answers, as main.js asks. */
function answer(state, server) {
  const [rest, asks] = takeAsks(state);
  let next = rest;
  for (const [key, after] of Object.entries(asks.since)) {
    const talk = server.talks[key];
    next = reduce(next, {
      t: "since", i: Number(key), after, seq: talk.talk.seq, more: false,
      frames: talk.all.filter((frame) => frame.seq > after),
    });
  }
  if (asks.snapshot) next = reduce(next, { t: "snapshot", ...server.snapshot });
  if (asks.rows.length) {
    const rows = asks.rows.map((i) => server.rows[i]).filter(Boolean);
    next = reduce(next, { t: "rows", rows, gone: asks.rows.filter((i) => !server.rows[i]) });
  }
  for (const i of asks.seen) next = reduce(next, { t: "seen", i, seen: server.talks[i].talk.seen });
  for (const i of asks.heads) next = reduce(next, { t: "head", i, head: server.talks[i].head });
  return next;
}

function run(story, events, chance, resync) {
  const { steps, opened } = story;
  const last = steps[steps.length - 1].server;
  let state = begin(structuredClone(story.initial));
  state = reduce(state, { t: "opened", i: opened, ...structuredClone(story.talk) });
  let reached = 0;
  for (const { step, frame } of events) {
    reached = Math.max(reached, step);
    state = reduce(state, { ...structuredClone(frame), received: 0 });
    if (!settled(state) && chance() < 0.5) state = answer(state, steps[reached].server);
  }
  if (resync) {
    state = reduce(state, { t: "again" });
  }
  for (let round = 0; round < 20 && !settled(state); round += 1) state = answer(state, last);
  return settled(state) ? screen(state) : "still asking";
}

function shuffled(events, width, chance) {
  return events
    .map((event, place) => ({ event, place: place + chance() * width }))
    .sort((a, b) => a.place - b.place)
    .map(({ event }) => event);
}

export function check(story) {
  let fresh = begin(structuredClone(story.fresh));
  fresh = reduce(fresh, { t: "opened", i: story.opened, ...structuredClone(story.freshTalk) });
  const wanted = screen(fresh);
  const events = story.steps.flatMap(({ frames }, step) => frames.map((frame) => ({ step, frame })));
  const failures = [];
  const kinds = new Set();
  let runs = 0;
  const one = (name, given, chance, resync) => {
    runs += 1;
    const got = run(story, given, chance, resync);
    if (got !== wanted && failures.length < 5) failures.push({ name, got, wanted });
  };
  one("as sent", events, random(0), false);
  one("nothing came", [], random(0), true);
  events.forEach((event, place) => {
    kinds.add(event.frame.t + (event.frame.m ? `:${event.frame.m.body.event || event.frame.m.kind}` : ""));
    const chance = random(place);
    const without = events.toSpliced(place, 1);
    const name = `${place} ${event.frame.t}`;
    one(`dropped ${name}`, without, chance, true);
    one(`doubled ${name}`, events.toSpliced(place, 0, event), chance, false);
    one(`again at the end ${name}`, [...events, event], chance, false);
    one(`late ${name}`, [...without, event], chance, false);
    one(`early ${name}`, [event, ...without], chance, false);
  });
  for (let seed = 1; seed <= story.runs; seed += 1) {
    const chance = random(seed);
    const doubled = events.flatMap((event) => (chance() < 0.3 ? [event, event] : [event]));
    one(`reordered ${seed}`, shuffled(doubled, 8, chance), chance, false);
    const dropped = doubled.filter(() => chance() > 0.4);
    one(`all three ${seed}`, shuffled(dropped, 12, chance), chance, true);
  }
  return { runs, events: events.length, kinds: [...kinds].sort(), failures };
}
