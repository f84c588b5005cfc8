// @ts-check
/** The desk's socket: the frames go to the reducer as they come, which finds the gaps itself. */
import { Transport } from "../transport.js";

/** @typedef {import("../transport.js").Frame} Frame */

export class Feed extends Transport {
  /** @type {Set<number>} followed, as the server knows */
  told = new Set();

  hello() {
    this.told = new Set(this.cursors.keys());
    super.hello();
  }

  /** What was opened between the two words is followed too. @param {Frame} frame */
  welcome(frame) {
    super.welcome(frame);
    for (const [i, after] of this.cursors) if (!this.told.has(i)) this.send({ t: "open", i, after });
  }

  /** @param {Frame} frame */
  message(frame) {
    this.stored(frame);
    this.options.onFrame(frame);
  }

  /** @param {Frame} frame */
  since(frame) {
    for (const missed of frame.frames) this.stored(missed);
    this.options.onFrame(frame);
  }

  again() {
    this.options.onFrame({ t: "again" });
  }

  /** A line of ours is on screen, so it need not be said again. @param {Frame} frame */
  stored(frame) {
    const key = frame.m?.client_id;
    if (key && this.pending.has(key)) this.settle({ ...frame, client_id: key }, "stored");
  }

  /** A line that went another way. @param {string} client_id */
  forget(client_id) {
    const line = this.pending.get(client_id);
    this.pending.drop(client_id);
    if (line) this.next(line.i);
  }

  /** Where the opened talks stand: what the next hello asks for. @param {Map<number, number>} cursors */
  stand(cursors) {
    for (const i of [...this.cursors.keys()]) if (!cursors.has(i)) this.leave(i);
    for (const [i, seq] of cursors) {
      if (!this.cursors.has(i)) this.follow(i, seq);
      else this.cursors.set(i, seq);
    }
  }
}
