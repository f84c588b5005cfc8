// @ts-check
/** What the desk asks and tells over HTTP. */

/** Refused, in words for the agent. */
export class Refused extends Error {
  /** @param {string} message @param {string} code @param {number} status */
  constructor(message, code, status) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

export class Api {
  /** @param {string} base @param {string} csrf @param {Record<string, string>} texts */
  constructor(base, csrf, texts) {
    this.base = base;
    this.csrf = csrf;
    this.texts = texts;
  }

  /** @param {string} path @returns {Promise<any>} */
  get(path) {
    return this.ask(this.base + path, {});
  }

  /** @param {string} path @param {Record<string, any>} fields */
  post(path, fields) {
    const body = new URLSearchParams();
    for (const [name, value] of Object.entries(fields)) {
      if (value !== null && value !== undefined && value !== "") body.set(name, String(value));
    }
    return this.ask(this.base + path, { method: "POST", body });
  }

  /** A form of a channel's head, wherever it leads. @param {HTMLFormElement} form @param {HTMLElement|null} button */
  submit(form, button) {
    // never multipart: a form without fields would be an empty one, which Django refuses
    const body = new URLSearchParams();
    for (const [name, value] of new FormData(form, button)) body.append(name, String(value));
    return this.ask(form.action, { method: "POST", body }, false);
  }

  /** @param {string} url @param {RequestInit} options @param {boolean} [json] */
  async ask(url, options, json = true) {
    /** @type {Response} */
    let response;
    try {
      response = await fetch(url, {
        ...options,
        credentials: "same-origin",
        headers: { Accept: "application/json", "X-CSRFToken": this.csrf, "X-Requested-With": "fetch" },
      });
    } catch {
      throw new Refused(this.texts.failed_action, "network", 0);
    }
    const isJson = (response.headers.get("content-type") || "").includes("json");
    if (response.redirected && json && !isJson) throw new Refused(this.texts.signed_out, "signed_out", 401);
    const answer = isJson ? await response.json() : {};
    if (!response.ok) {
      throw new Refused(answer.message || answer.detail || this.texts.failed_action, answer.error || "failed", response.status);
    }
    return answer;
  }
}
