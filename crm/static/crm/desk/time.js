// @ts-check
/** Times as the desk writes them. The server's clock is the desk's: both may differ from ours. */
import { fill } from "./dom.js";

let ahead = 0;
let language = "fr";
/** @type {Record<string, string>} */
let texts = {};

/** Making one costs more than all that it formats. @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/** @param {Date} date @param {Intl.DateTimeFormatOptions} options */
function formatted(date, options) {
  const name = Object.entries(options).join();
  const format = formats.get(name) || new Intl.DateTimeFormat(language, options);
  formats.set(name, format);
  return format.format(date);
}

/** @param {string} now the server's @param {string} lang @param {Record<string, string>} words */
export function begin(now, lang, words) {
  ahead = Date.parse(now) - Date.now();
  language = lang;
  formats.clear();
  texts = words;
}

export function now() {
  return Date.now() + ahead;
}

/** Seconds since a moment, never negative. @param {string|null} at */
export function secondsSince(at) {
  return at ? Math.max(0, Math.floor((now() - Date.parse(at)) / 1000)) : 0;
}

/** Seconds until a moment, negative after it. @param {string} at */
export function secondsUntil(at) {
  return Math.floor((Date.parse(at) - now()) / 1000);
}

/** "45 s", "3 min", "2 h", "4 j" @param {number} seconds */
export function duration(seconds) {
  if (seconds < 100) return fill(texts.seconds, { n: seconds });
  if (seconds < 5400) return fill(texts.minutes, { n: Math.round(seconds / 60) });
  if (seconds < 129600) return fill(texts.hours, { n: Math.round(seconds / 3600) });
  return fill(texts.days, { n: Math.round(seconds / 86400) });
}

/** @param {string} at */
export function clock(at) {
  return formatted(new Date(at), { hour: "2-digit", minute: "2-digit" });
}

/** @param {string} at */
export function day(at) {
  const date = new Date(at);
  const today = new Date(now());
  if (date.toDateString() === today.toDateString()) return texts.today;
  const before = new Date(now() - 86400000);
  if (date.toDateString() === before.toDateString()) return texts.yesterday;
  return formatted(date, { weekday: "long", day: "numeric", month: "long" });
}

/** Short, with the day when it is not today. @param {string} at */
export function moment(at) {
  const date = new Date(at);
  if (date.toDateString() === new Date(now()).toDateString()) return clock(at);
  return formatted(date, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
}

/** @param {string} at */
export function date(at) {
  return formatted(new Date(at), { day: "numeric", month: "short", year: "numeric" });
}
