// @ts-check
// One socket, shared by the desk and the widget (docs/protocol.md): resumes where it stopped, keeps
// a line until it is acknowledged, shows every change once and in order.
import { Unsent } from "./unsent.js";

/**
 * @typedef {{t: string, i?: number, seq?: number, [key: string]: any}} Frame
 * @typedef {import("./unsent.js").Line} Line
 * @typedef {object} Options
 * @property {string} url  path or address of the socket
 * @property {(frame: Frame) => void} onFrame  messages in order and once; all other frames as they come
 * @property {() => object} [hello]  what to add to the hello frame (the visitor's token)
 * @property {(state: "connecting" | "open" | "closed" | "over", code?: number) => void} [onState]
 * @property {(line: Line, state: "sent" | "stored" | "refused", detail?: Frame) => void} [onLine]
 * @property {(code: number) => Promise<boolean> | boolean} [renew]  a new session or token? then try again
 * @property {import("./unsent.js").Store | null} [store]  keeps unsent lines over a reload; null: memory only
 * @property {string} [key]  their name in the store
 */

const LONGEST = 30000;
const PING = 20000;
const DEAD = 10000;
const GAP = 150;
// said again later, never given up
const LATER = new Set(["busy", "too_fast"]);

export class Transport {
  /** @param {Options} options */
  constructor(options) {
    this.options = options;
    /** @type {Map<number, number>} interaction → last number seen */
    this.cursors = new Map();
    /** @type {Set<number>} whose late frames are for nobody */
    this.left = new Set();
    /** @type {Map<number, Map<number, Frame>>} frames that came too early */
    this.early = new Map();
    /** @type {Map<number, number>} interaction → timer of the question "what is missing?" */
    this.asking = new Map();
    this.pending = new Unsent(options.store ?? null, options.key);
    /** @type {Map<number, string>} interaction → the line on its way; the next one leaves when the
     * server has it, so that they are stored in the order in which they were said */
    this.flying = new Map();
    /** @type {WebSocket | null} */
    this.socket = null;
    this.tries = 0;
    this.ready = false;
    this.stopped = false;
    this.timer = 0;
    this.pulse = 0;
    this.death = 0;
    /** when the server that restarts wants us back, in milliseconds */
    this.backIn = 0;
    this.abort = new AbortController();
    const { signal } = this.abort;
    addEventListener("online", () => this.hurry(), { signal });
    addEventListener("offline", () => this.socket?.close(), { signal });
    addEventListener("pageshow", () => this.hurry(), { signal });
    document.addEventListener("visibilitychange", () => document.hidden || this.hurry(), { signal });
    // after the caller has put us where its callbacks look for us
    queueMicrotask(() => this.connect());
  }

  /** Close for good. */
  close() {
    this.stopped = true;
    this.abort.abort();
    clearTimeout(this.timer);
    this.socket?.close(1000);
  }

  /**
   * Follow an interaction from a number on (what the page was rendered with, else 0).
   * @param {number} i
   * @param {number} [after]
   */
  follow(i, after = 0) {
    this.left.delete(i);
    if (!this.cursors.has(i)) this.cursors.set(i, after);
    if (this.ready) this.send({ t: "open", i, after: this.cursors.get(i) });
  }

  /** @param {number} i */
  leave(i) {
    this.left.add(i);
    this.cursors.delete(i);
    this.early.delete(i);
    this.send({ t: "leave", i });
  }

  /**
   * Say a line; it is kept and said again until the server has it.
   * @param {number} i  0: the one that the welcome will name
   * @param {string} client_id  `newKey()`
   * @param {string} text
   * @param {string} [kind]
   */
  say(i, client_id, text, kind) {
    /** @type {Line} */
    const line = { i, client_id, text };
    if (kind) line.kind = kind;
    this.pending.put(line);
    this.next(i);
  }

  /** @param {number} i @param {string} [text] so far, where it may be read before it is sent */
  typing(i, text) {
    this.send({ t: "typing", i, text });
  }

  /**
   * @param {number} i
   * @param {number} [seq]
   */
  read(i, seq = this.cursors.get(i)) {
    if (seq) this.send({ t: "read", i, seq });
  }

  /** Send now or not at all. @param {object} frame */
  send(frame) {
    if (!this.ready || this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  // -- the connection

  connect() {
    clearTimeout(this.timer);
    if (this.stopped || (this.socket && this.socket.readyState < WebSocket.CLOSING)) return;
    this.options.onState?.("connecting");
    const url = new URL(this.options.url, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = (this.socket = new WebSocket(url));
    this.watch();
    socket.onopen = () => this.hello();
    socket.onmessage = (event) => this.hear(JSON.parse(event.data));
    socket.onclose = (event) => this.socket === socket && this.closed(event.code);
  }

  /** Who we are and where we stand; the server answers with its welcome, and what we missed. */
  hello() {
    const after = Object.fromEntries(this.cursors);
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    this.socket.send(JSON.stringify({ t: "hello", after, ...this.options.hello?.() }));
  }

  /** @param {number} code */
  async closed(code) {
    this.socket = null;
    this.ready = false;
    clearInterval(this.pulse);
    clearTimeout(this.death);
    if (this.stopped) return;
    this.options.onState?.("closed", code);
    // 44xx but "too slow": the same try would end the same way
    if (code >= 4400 && code < 4500 && code !== 4408 && code !== 4429) {
      const again = this.tries < 5 && (await this.options.renew?.(code));
      if (!again) {
        this.stopped = true;
        this.options.onState?.("over", code);
        return;
      }
    }
    const longest = Math.min(LONGEST, 500 * 2 ** this.tries++);
    this.timer = window.setTimeout(() => this.connect(), this.backIn || longest * (0.3 + 0.7 * Math.random()));
    this.backIn = 0;
  }

  /** The network or the page is back: try at once, or see whether the socket still lives. */
  hurry() {
    if (this.stopped) return;
    if (!this.socket) this.connect();
    else if (this.send({ t: "ping" })) this.watch();
  }

  /** Without any word from the server the socket is dead, whatever the browser believes. */
  watch() {
    clearTimeout(this.death);
    this.death = window.setTimeout(() => {
      const socket = this.socket;
      socket?.close();
      this.closed(1006);
    }, DEAD);
  }

  // -- what comes

  /** @param {Frame} frame */
  hear(frame) {
    clearTimeout(this.death);
    if (frame.t === "message") return this.message(frame);
    if (frame.t === "since") return this.since(frame);
    if (frame.t === "again") return this.again();
    if (frame.t === "ping") return void this.send({ t: "pong" });
    if (frame.t === "pong") return;
    if (frame.t === "back") return void (this.backIn = 1000 * frame.in);
    if (frame.t === "welcome") this.welcome(frame);
    if (frame.t === "ack") this.settle(frame, "stored");
    if (frame.t === "error" && frame.client_id) {
      const line = this.pending.get(frame.client_id);
      if (line && LATER.has(frame.code)) {
        setTimeout(() => this.flying.delete(line.i) && this.next(line.i), 1000 + 1000 * Math.random());
      } else this.settle(frame, "refused");
    }
    this.options.onFrame(frame);
  }

  /** @param {Frame} frame */
  welcome(frame) {
    this.ready = true;
    this.tries = 0;
    clearInterval(this.pulse);
    this.pulse = window.setInterval(() => this.send({ t: "ping" }) && this.watch(), PING);
    this.options.onState?.("open");
    this.flying.clear();
    for (const line of this.pending.values()) {
      line.i ||= Number(frame.i);
      this.next(line.i);
    }
  }

  again() {
    for (const i of this.cursors.keys()) this.ask(i);
  }

  /** @param {Frame} frame */
  message(frame) {
    const i = Number(frame.i);
    const seq = Number(frame.seq);
    const cursor = this.cursors.get(i);
    if (cursor === undefined) return this.options.onFrame(frame); // not followed, only noticed
    if (seq <= cursor) return;
    if (seq === cursor + 1) {
      this.apply(frame);
      this.catchEarly(i);
      return;
    }
    const early = this.early.get(i) ?? new Map();
    this.early.set(i, early.set(seq, frame));
    // the missing one is often right behind
    if (!this.asking.has(i)) this.asking.set(i, window.setTimeout(() => this.ask(i), GAP));
  }

  /** Everything since a number, in one frame. @param {Frame} frame */
  since(frame) {
    const i = Number(frame.i);
    if (this.left.has(i)) return;
    if (!this.cursors.has(i)) this.cursors.set(i, frame.after); // the visitor's only one
    // the server stands below us: it was restored from a backup, its account counts
    if (frame.reset) this.cursors.set(i, 0);
    for (const missed of frame.frames) {
      if (missed.seq > Number(this.cursors.get(i))) this.apply(missed);
    }
    if (Number(frame.seq) > Number(this.cursors.get(i))) this.cursors.set(i, Number(frame.seq));
    if (frame.more) this.ask(i);
    this.catchEarly(i);
  }

  /** @param {number} i */
  catchEarly(i) {
    const early = this.early.get(i);
    if (!early) return;
    for (const seq of [...early.keys()].sort((a, b) => a - b)) {
      const cursor = Number(this.cursors.get(i));
      if (seq > cursor + 1) break;
      if (seq === cursor + 1) this.apply(/** @type {Frame} */ (early.get(seq)));
      early.delete(seq);
    }
    if (!early.size) {
      this.early.delete(i);
      clearTimeout(this.asking.get(i));
      this.asking.delete(i);
    }
  }

  /** @param {number} i */
  ask(i) {
    clearTimeout(this.asking.get(i));
    this.asking.delete(i);
    if (this.cursors.has(i)) this.send({ t: "since", i, after: this.cursors.get(i) });
  }

  /** @param {Frame} frame */
  apply(frame) {
    this.cursors.set(Number(frame.i), Number(frame.seq));
    if (frame.m?.client_id) this.settle({ ...frame, client_id: frame.m.client_id }, "stored");
    this.options.onFrame(frame);
  }

  // -- what is not acknowledged yet

  /** The oldest line of an interaction, unless one is on its way. @param {number} i */
  next(i) {
    if (!i || this.pending.has(this.flying.get(i) ?? "")) return;
    for (const line of this.pending.values()) {
      if (line.i !== i) continue;
      if (!this.send({ t: "say", ...line })) return;
      this.flying.set(i, line.client_id);
      return this.options.onLine?.(line, "sent");
    }
  }

  /**
   * @param {Frame} frame
   * @param {"stored" | "refused"} state
   */
  settle(frame, state) {
    const line = this.pending.get(frame.client_id);
    if (!line) return;
    this.pending.drop(frame.client_id);
    this.options.onLine?.(line, state, frame);
    this.next(line.i);
  }
}
