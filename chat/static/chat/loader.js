// @ts-check
// Lives on other people's pages: one custom element with a closed shadow root, no cookie, no
// request but its iframe, nothing stored before the visitor opens the chat, answers an invitation
// or the host says that they agreed. Words, colours, decisions and the invitation's card are the
// frame's: here are the launcher, the panel's three sizes and the host's interface, `Bravo`.
(() => {
  const script = /** @type {HTMLScriptElement} */ (document.currentScript);
  const { site = "", lang = document.documentElement.lang, subject = "", consent, identity } = script.dataset;
  const base = new URL(script.src).origin;
  if (!site || customElements.get("bravo-chat")) return;

  const KEY = `bravo:${site}`;
  const NO = `${KEY}:no`;
  /** @type {Record<string, string>} */
  const memory = {};
  /** @param {string} key */
  const load = (key) => {
    try {
      return localStorage.getItem(key);
    } catch {
      return memory[key];
    }
  };
  /** @param {string} key @param {string} value */
  const keep = (key, value) => {
    memory[key] = value;
    try {
      value ? localStorage.setItem(key, value) : localStorage.removeItem(key);
    } catch {
      // third-party storage is blocked: this page remembers
    }
  };

  const CSS = `
:host{all:initial!important;--p:#0f766e;--o:#fff;--s:#fff}
.b{position:fixed;z-index:2147483000;bottom:20px;right:20px;font:16px/1.5 system-ui,sans-serif}
.left{right:auto;left:20px}
@media(prefers-color-scheme:dark){:host{--p:#5eead4;--o:#06302c;--s:#1b242e}}
*{box-sizing:border-box;font:inherit}
[hidden]{display:none!important}
button{cursor:pointer;display:flex;align-items:center;gap:8px;min-height:52px;border:0;border-radius:26px;padding:0 20px;background:var(--p);color:var(--o);font-weight:600;box-shadow:0 6px 20px #1c243040}
button:focus-visible{outline:3px solid var(--p);outline-offset:3px}
button:before{content:"";width:22px;height:20px;background:currentColor;clip-path:path("M2 0h18a2 2 0 012 2v10a2 2 0 01-2 2H8l-5 5v-5H2a2 2 0 01-2-2V2a2 2 0 012-2")}
b{min-width:20px;border-radius:10px;background:var(--o);color:var(--p);font-size:13px;text-align:center}
.panel{position:fixed;bottom:20px;right:20px;width:380px;height:min(600px,calc(100dvh - 40px));overflow:hidden;background:var(--s);border-radius:12px;box-shadow:0 8px 28px #1c243040}
.card{bottom:84px;width:min(340px,calc(100vw - 40px))}
.left .panel{right:auto;left:20px}
iframe{border:0;width:100%;height:100%;display:block;color-scheme:auto}
@media(max-width:480px){.panel:not(.card){inset:0!important;width:100%;height:100dvh;border-radius:0}}
@media(prefers-reduced-motion:no-preference){.panel{animation:u .16s ease-out}@keyframes u{from{opacity:0;transform:translateY(8px)}}}`;

  // built by hand: a host may forbid HTML from strings (Trusted Types)
  /** @param {string} tag @param {object} props @param {Node[]} children @returns {any} */
  const make = (tag, props = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), props);
    element.append(...children);
    return element;
  };

  const frame = make("iframe");
  const word = make("span");
  const count = make("b", { hidden: true });
  const go = make("button", { hidden: true }, word, count);
  const panel = make("div", { className: "panel", role: "dialog", hidden: true }, frame);
  const box = make("div", { className: "b" }, go, panel);
  const phone = matchMedia("(max-width: 480px)");
  /** @type {Element[]} */
  let covered = [];
  /** said before the frame listens @type {object[] | null} */
  let early = [];
  let [seconds, address, card, chat] = [0, location.href, false, JSON.parse(load(KEY) || "{}")];

  /** @param {string} t @param {object} [more] */
  const tell = (t, more) => {
    const said = { bravo: t, ...more };
    early ? early.push(said) : frame.contentWindow?.postMessage(said, base);
  };
  const page = () => ({ url: location.href, title: document.title, referrer: document.referrer });
  const save = () => keep(KEY, chat.t || chat.m ? JSON.stringify(chat) : "");

  /** @param {boolean} open @param {boolean} [focus] */
  const show = (open, focus) => {
    card = false;
    panel.className = "panel";
    panel.style.height = "";
    panel.hidden = !open;
    go.hidden = open || !word.textContent;
    chat.o = open;
    save();
    // on a phone the panel covers the page: nothing behind it may take the focus
    const covers = open && phone.matches;
    panel.ariaModal = covers ? "true" : null;
    for (const element of covered) element.removeAttribute("inert");
    covered = covers ? [...document.body.children].filter((e) => e !== host && !e.hasAttribute("inert")) : [];
    for (const element of covered) element.setAttribute("inert", "");
    if (focus) open ? frame.focus() : go.focus();
    tell(open ? "opened" : "hidden", { focus });
  };
  const open = () => show(true, true);
  go.onclick = open;

  // the page's own links may open it too; they are there once it can be opened
  /** @returns {NodeListOf<HTMLElement>} */
  const links = () => document.querySelectorAll("[data-bravo-open]");
  addEventListener("click", (event) => {
    if (!(/** @type {Element | null} */ (event.target)?.closest("[data-bravo-open]"))) return;
    event.preventDefault();
    open();
  });
  addEventListener("keydown", (event) => {
    if (card && event.key === "Escape" && !event.defaultPrevented) tell("refuse");
  });
  // on its way to the tabs or the address
  document.documentElement.addEventListener("mouseleave", (event) => event.clientY <= 0 && tell("leaving"));

  const sheet = new CSSStyleSheet();
  /** @type {Record<string, (data: any) => void>} */
  const heard = {
    look({ side, colors, title }) {
      box.className = "b " + side;
      panel.ariaLabel = frame.title = title;
      if (colors)
        sheet.replaceSync(`${CSS}:host{--p:${colors.light}}@media(prefers-color-scheme:dark){:host{--p:${colors.dark};--o:#131a22}}`);
      if (chat.t && chat.o) show(true);
    },
    button({ label, unread }) {
      word.textContent = label;
      count.hidden = !unread;
      count.textContent = unread || "";
      go.hidden = !label || (!panel.hidden && !card);
      for (const link of links()) link.hidden = false;
    },
    // shown, never focused: whoever is reading goes on reading
    card({ height }) {
      if (!panel.hidden && !card) return;
      card = true;
      panel.hidden = false;
      panel.className = "panel card";
      panel.style.height = height + "px";
    },
    withdraw({ no, focus }) {
      if (no) keep(NO, "1");
      if (card) show(false, focus);
    },
    keep({ what }) {
      Object.assign(chat, what);
      save();
    },
    open,
    close: () => show(false, true),
    go: ({ url }) => location.assign(url),
    host: ({ name, detail }) => document.dispatchEvent(new CustomEvent("bravo:" + name, { detail })),
  };
  // another tab: of a site's chats there is one; whether it is open is each tab's own
  addEventListener("storage", ({ key, newValue }) => {
    if (key !== KEY) return;
    chat = { ...JSON.parse(newValue || "{}"), o: chat.o };
    tell("chat", { token: chat.t });
  });
  document.addEventListener("bravo:open", open);
  addEventListener("message", (event) => {
    if (event.source === frame.contentWindow && event.origin === base) heard[event.data.bravo]?.(event.data);
  });
  Object.assign(window, {
    Bravo: {
      open,
      close: () => show(false),
      /** @param {object} data */
      set: (data) => tell("data", { data }),
      /** @param {string} name */
      event: (name) => tell("event", { name }),
      /** @param {boolean} yes */
      consent: (yes) => tell("consent", { yes }),
    },
  });

  frame.onload = () => {
    const said = early || [];
    early = null;
    tell("init", { page: page(), seconds, token: chat.t, memo: chat.m, refused: !!load(NO), consent: consent === "yes", identity });
    for (const one of said) frame.contentWindow?.postMessage(one, base);
  };
  setInterval(() => {
    if (document.hidden) return;
    if (address !== location.href) {
      [address, seconds] = [location.href, 0];
      tell("page", { page: page() });
    }
    const typing = !!document.activeElement?.matches("input,textarea,select,[contenteditable]");
    const scroll = Math.round((100 * (scrollY + innerHeight)) / document.documentElement.scrollHeight);
    early || tell("tick", { seconds: ++seconds, typing, scroll, refused: !!load(NO) });
  }, 1000);

  class Chat extends HTMLElement {
    constructor() {
      super();
      const root = this.attachShadow({ mode: "closed" });
      sheet.replaceSync(CSS);
      root.adoptedStyleSheets = [sheet];
      root.append(box);
      frame.src = `${base}/widget/frame/${site}/?${new URLSearchParams({ lang, subject })}`;
    }
  }
  customElements.define("bravo-chat", Chat);
  const host = new Chat();
  // after everything of the page itself
  const start = () => setTimeout(() => document.body.append(host));
  document.readyState === "complete" ? start() : addEventListener("load", start);
})();
