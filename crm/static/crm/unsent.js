// @ts-check
// The lines no server has acknowledged yet, in their order, kept over a reload where there is a store.

/**
 * @typedef {{i: number, client_id: string, text: string, kind?: string}} Line
 * @typedef {{getItem(key: string): string | null, setItem(key: string, value: string): void,
 *   removeItem(key: string): void}} Store
 */

/** @returns {Store | null} this page's own session storage, where the browser allows it */
export function sessionStore() {
  try {
    const store = window.sessionStorage;
    store.setItem("bravo.try", "1");
    store.removeItem("bravo.try");
    return store;
  } catch {
    return null;
  }
}

/** Also without a secure context, where randomUUID is missing. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Unsent {
  /**
   * @param {Store | null} store
   * @param {string} [key]
   */
  constructor(store, key = "bravo.lines") {
    this.store = store;
    this.key = key;
    /** @type {Map<string, Line>} */
    this.lines = new Map();
    try {
      for (const line of JSON.parse(store?.getItem(key) ?? "[]")) this.lines.set(line.client_id, line);
    } catch {
      // nothing usable
    }
  }

  /** @param {Line} line */
  put(line) {
    this.lines.set(line.client_id, line);
    this.keep();
  }

  /** @param {string} client_id */
  drop(client_id) {
    if (this.lines.delete(client_id)) this.keep();
  }

  clear() {
    this.lines.clear();
    this.keep();
  }

  /** @param {string} client_id */
  get(client_id) {
    return this.lines.get(client_id);
  }

  /** @param {string} client_id */
  has(client_id) {
    return this.lines.has(client_id);
  }

  values() {
    return this.lines.values();
  }

  keep() {
    try {
      if (this.lines.size) this.store?.setItem(this.key, JSON.stringify([...this.lines.values()]));
      else this.store?.removeItem(this.key);
    } catch {
      // full or forbidden: memory will do
    }
  }
}
