// @ts-check
// Lives on other people's pages: one custom element with a closed shadow root, no cookie, no
// request but its iframe, nothing stored before the visitor opens the chat or answers an
// invitation. All words, colours and decisions come from the frame.
(() => {
  const script = /** @type {HTMLScriptElement} */ (document.currentScript);
  const { site = "", lang = document.documentElement.lang, subject = "" } = script.dataset;
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
:host{all:initial!important;--p:#0f766e;--o:#fff;--s:#fff;--i:#1c2430;--m:#56606e;--l:#868f9b}
.b{position:fixed;z-index:2147483000;bottom:20px;right:20px;display:grid;justify-items:end;font:16px/1.5 system-ui,sans-serif}
.left{right:auto;left:20px;justify-items:start}
@media(prefers-color-scheme:dark){:host{--p:#5eead4;--o:#06302c;--s:#1b242e;--i:#e8ecf1;--m:#a3aebb;--l:#6b7683}}
*{box-sizing:border-box;font:inherit}
[hidden]{display:none!important}
button{cursor:pointer;min-height:44px;border:0;border-radius:22px;padding:0 20px;background:var(--p);color:var(--o);font-weight:600}
button:focus-visible{outline:3px solid var(--p);outline-offset:3px}
.go{display:flex;align-items:center;gap:8px;min-height:52px;border-radius:26px;box-shadow:0 6px 20px #1c243040}
.go:before{content:"";width:22px;height:20px;background:currentColor;clip-path:path("M2 0h18a2 2 0 012 2v10a2 2 0 01-2 2H8l-5 5v-5H2a2 2 0 01-2-2V2a2 2 0 012-2")}
.go b{min-width:20px;border-radius:10px;background:var(--o);color:var(--p);font-size:13px;text-align:center}
.card,.panel{background:var(--s);color:var(--i);border-radius:12px;box-shadow:0 8px 28px #1c243040}
.card{width:min(340px,calc(100vw - 40px));margin-bottom:12px;padding:16px;display:grid;grid-template-columns:56px 1fr;gap:4px 12px}
canvas{width:56px;height:56px;border-radius:50%;grid-row:span 2}
p{margin:0}
.n{color:var(--m);font-size:14px}
.q{font-size:17px;font-weight:600;line-height:1.35}
.a{grid-column:1/-1;display:flex;flex-wrap:wrap;gap:8px;margin-top:12px}
.a button{flex:1 0 auto;padding:0 14px}
.a button+button{background:0 0;color:var(--m);box-shadow:inset 0 0 0 1px var(--l)}
.panel{position:fixed;bottom:20px;right:20px;width:380px;height:min(600px,calc(100dvh - 40px));overflow:hidden}
.left .panel{right:auto;left:20px}
iframe{border:0;width:100%;height:100%;display:block;color-scheme:auto}
.r{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
@media(max-width:480px){.panel{inset:0!important;width:100%;height:100dvh;border-radius:0}}
@media(prefers-reduced-motion:no-preference){.card,.panel{animation:u .16s ease-out}@keyframes u{from{opacity:0;transform:translateY(8px)}}}`;

  // built by hand: a host may forbid HTML from strings (Trusted Types)
  /** @param {string} tag @param {object} props @param {Node[]} children @returns {any} */
  const make = (tag, props = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), props);
    element.append(...children);
    return element;
  };

  class Chat extends HTMLElement {
    constructor() {
      super();
      const root = this.attachShadow({ mode: "closed" });
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(CSS);
      root.adoptedStyleSheets = [sheet];
      begin(this, root, sheet);
    }
  }

  /** @param {Chat} host @param {ShadowRoot} root @param {CSSStyleSheet} sheet */
  const begin = (host, root, sheet) => {
    const frame = make("iframe");
    const [face, yes, no, word, count] = ["canvas", "button", "button", "span", "b"].map((tag) => make(tag));
    const [name, question] = ["n", "q"].map((id) => make("p", { id, className: id }));
    const card = make(
      "div",
      { className: "card", role: "dialog", hidden: true },
      face, name, question, make("div", { className: "a" }, yes, no),
    );
    card.setAttribute("aria-labelledby", "n");
    face.width = face.height = 112;
    const go = make("button", { className: "go", hidden: true }, word, count);
    const status = make("div", { className: "r", role: "status" });
    const panel = make("div", { className: "panel", role: "dialog", hidden: true }, frame);
    const box = make("div", { className: "b" }, card, go, status, panel);
    root.append(box);
    const phone = matchMedia("(max-width: 480px)");
    /** @type {Element[]} */
    let covered = [];
    let [seconds, address, ready, chat] = [0, location.href, false, JSON.parse(load(KEY) || "{}")];

    /** @param {string} t @param {object} [more] */
    const tell = (t, more) =>
      ready && frame.contentWindow?.postMessage({ bravo: t, ...more }, base);
    const page = () => ({ url: location.href, title: document.title, referrer: document.referrer });
    const save = () => keep(KEY, chat.t ? JSON.stringify(chat) : "");

    /** @param {boolean} open @param {boolean} [focus] */
    const show = (open, focus) => {
      panel.hidden = !open;
      go.hidden = open;
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

    /** @param {string} [answer] */
    const dismiss = (answer) => {
      const had = card.contains(root.activeElement);
      card.hidden = true;
      removeEventListener("keydown", escape);
      if (answer) tell(answer);
      if (answer === "refuse") keep(NO, "1");
      if (had) go.focus();
    };
    /** @param {KeyboardEvent} event */
    const escape = (event) => event.key === "Escape" && !event.defaultPrevented && dismiss("refuse");

    yes.onclick = () => {
      dismiss("accept");
      show(true, true);
    };
    no.onclick = () => dismiss("refuse");
    go.onclick = () => {
      if (!card.hidden) dismiss("accept");
      show(true, true);
    };
    // the page's own links may open it too; they are there once it can be opened
    /** @returns {NodeListOf<HTMLElement>} */
    const links = () => document.querySelectorAll("[data-bravo-open]");
    addEventListener("click", (event) => {
      if (!(/** @type {Element | null} */ (event.target)?.closest("[data-bravo-open]"))) return;
      event.preventDefault();
      go.onclick();
    });

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
        go.hidden = !panel.hidden;
        for (const link of links()) link.hidden = false;
      },
      invite({ texts, bitmap }) {
        if (!panel.hidden) return;
        [name, question, yes, no].forEach((element, i) => (element.textContent = texts[i]));
        face.getContext("2d").drawImage(bitmap, 0, 0);
        card.hidden = false;
        // told, never focused: whoever is reading goes on reading
        status.textContent = texts[0] + ". " + texts[1];
        addEventListener("keydown", escape);
      },
      withdraw: () => dismiss(),
      token({ token }) {
        chat = token ? { t: token, o: chat.o } : {};
        save();
      },
      close: () => show(false, true),
    };
    // the page's own "open the chat" buttons
    document.addEventListener("bravo:open", () => show(true, true));
    addEventListener("message", (event) => {
      if (event.source === frame.contentWindow && event.origin === base) heard[event.data.bravo]?.(event.data);
    });

    frame.onload = () => {
      ready = true;
      tell("init", { page: page(), seconds, token: chat.t, refused: !!load(NO) });
    };
    setInterval(() => {
      if (document.hidden) return;
      if (address !== location.href) {
        [address, seconds] = [location.href, 0];
        tell("page", { page: page() });
      }
      const typing = !!document.activeElement?.matches("input,textarea,select,[contenteditable]");
      tell("tick", { seconds: ++seconds, typing });
    }, 1000);

    const query = new URLSearchParams({ lang, subject });
    frame.src = `${base}/widget/frame/${site}/?${query}`;
  };

  customElements.define("bravo-chat", Chat);
  // after everything of the page itself
  const start = () => setTimeout(() => document.body.append(new Chat()));
  document.readyState === "complete" ? start() : addEventListener("load", start);
})();
