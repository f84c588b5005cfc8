// @ts-check
// What the device remembers of a visitor who agreed: one small object, kept by the loader in the
// host's own storage. Without consent it lives as long as the page and is never handed over.

const STAY = 30 * 60 * 1000; // away for longer, it is another stay

/** @typedef {{visit: string, since: number, last: number, pages: number, stays: number, invited: number}} Memo */

export class Memory {
  /** @param {(memo: Memo | null) => void} keep */
  constructor(keep) {
    this.keep = keep;
    this.consent = false;
    /** @type {Memo} */
    this.memo = { visit: "", since: Date.now(), last: Date.now(), pages: 0, stays: 1, invited: 0 };
  }

  /** @param {Memo | undefined} memo @param {boolean} consent */
  begin(memo, consent) {
    this.consent = consent;
    if (!consent || !memo) return;
    const same = Date.now() - memo.last < STAY;
    this.memo = same ? memo : { ...this.memo, stays: memo.stays + 1, invited: memo.invited };
  }

  /** Another page. */
  turn() {
    this.memo.pages += 1;
    this.save();
  }

  /** @param {boolean} yes */
  agree(yes) {
    this.consent = yes;
    if (yes) this.save();
    else this.keep(null);
  }

  invited() {
    this.memo.invited = Date.now();
    this.save();
  }

  /** @param {string} visit */
  named(visit) {
    this.memo.visit = visit;
    this.save();
  }

  save() {
    this.memo.last = Date.now();
    if (this.consent) this.keep(this.memo);
  }

  /** What the server is told; it decides what that is worth. */
  facts() {
    const { since, pages, stays, invited } = this.memo;
    return {
      consent: this.consent,
      site_seconds: Math.max(0, Math.round((Date.now() - since) / 1000)), // clocks are set back
      pages,
      returning: this.consent && stays > 1,
      invited_days: this.consent && invited ? Math.max(0, Math.floor((Date.now() - invited) / 864e5)) : null,
    };
  }
}
