// @ts-check
/** Words begun and not sent: kept here at each key, and on the server for this agent's other
 * machines. What the server has not heard yet wins; what it has, it may have heard more of since. */

const PAUSE = 1000; // ms without a key, then the server hears of it

export class Drafts {
  /** @param {number} user two who share a machine do not share their words
   * @param {(i: number, kind: string, text: string) => Promise<any>} post */
  constructor(user, post) {
    this.user = user;
    this.post = post;
    /** @type {Map<string, number>} */
    this.timers = new Map();
    document.addEventListener("visibilitychange", () => document.hidden && this.flush());
  }

  /** @param {number} i @param {string} kind */
  read(i, kind) {
    return localStorage.getItem(this.key(i, kind)) || "";
  }

  /** @param {number} i @param {string} kind @param {string} text */
  write(i, kind, text) {
    if (text === this.read(i, kind)) return;
    set(this.key(i, kind), text);
    clearTimeout(this.timers.get(`${i}.${kind}`));
    this.timers.set(`${i}.${kind}`, window.setTimeout(() => this.push(i, kind), PAUSE));
  }

  /** What the server has, when an exchange is opened. @param {number} i @param {Record<string, string>} theirs
   * @returns {string[]} the kinds that have changed here */
  adopt(i, theirs) {
    return ["text", "note", "whisper"].filter((kind) => {
      const [mine, known, now] = [this.read(i, kind), this.told(i, kind), theirs[kind] || ""];
      if (mine !== known) {
        void this.push(i, kind);
        return false;
      }
      set(this.key(i, kind), now);
      set(this.key(i, kind, "told"), now);
      return mine !== now;
    });
  }

  /** @param {number} i @param {string} kind */
  async push(i, kind) {
    clearTimeout(this.timers.get(`${i}.${kind}`));
    this.timers.delete(`${i}.${kind}`);
    const text = this.read(i, kind);
    if (text === this.told(i, kind)) return;
    try {
      await this.post(i, kind, text);
      set(this.key(i, kind, "told"), text);
    } catch {
      // it is kept here; the next key, or the next opening, tells again
    }
  }

  /** Whatever waits for its pause is told now. */
  flush() {
    for (const name of [...this.timers.keys()]) {
      const [i, kind] = name.split(".");
      void this.push(Number(i), kind);
    }
  }

  /** What the server heard last from here. @param {number} i @param {string} kind */
  told(i, kind) {
    return localStorage.getItem(this.key(i, kind, "told")) || "";
  }

  /** @param {number} i @param {string} kind @param {string} what */
  key(i, kind, what = "draft") {
    return `bravo.${what}.${this.user}.${i}.${kind}`;
  }
}

/** @param {string} name @param {string} text */
function set(name, text) {
  try {
    if (text) localStorage.setItem(name, text);
    else localStorage.removeItem(name);
  } catch {
    // no room: the field itself still has it, and the server
  }
}
