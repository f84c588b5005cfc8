// @ts-check
/** The editor of an article's text: Trix over the field, which holds the same as HTML.
 *
 * A text that nobody touched is sent as it was: what Trix would write differently stays. */

/** @type {any} */
const Trix = /** @type {any} */ (window).Trix;

for (const level of [2, 3]) {
  Trix.config.blockAttributes[`heading${level}`] = {
    tagName: `h${level}`, breakOnReturn: true, group: false, terminal: true,
  };
}
// a paragraph is a paragraph, so that what was written elsewhere keeps its own
Trix.config.blockAttributes.default.tagName = "p";
Trix.config.blockAttributes.default.breakOnReturn = true;

const upload = /** @type {HTMLFormElement} */ (document.querySelector("#article-files"));
const words = /** @type {Record<string, any>} */ (
  JSON.parse(document.querySelector("#editor-words")?.textContent ?? "{}")
);
// before the first toolbar is made
Object.assign(Trix.config.lang, words.toolbar);
let dirty = false;

/** @param {string} tag @param {Record<string, string>} attributes @param {string} [text] */
function make(tag, attributes, text) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text) element.textContent = text;
  return element;
}

/** Headings that an article has, and none that it has not. @param {HTMLElement} toolbar */
function dress(toolbar) {
  toolbar.querySelector("[data-trix-attribute=heading1]")?.remove();
  const row = toolbar.querySelector(".trix-button-group--block-tools");
  for (const level of [3, 2]) {
    row?.prepend(
      make("button", {
        type: "button", class: "trix-button", tabindex: "-1",
        "data-trix-attribute": `heading${level}`, title: words[`h${level}`],
      }, `H${level}`),
    );
  }
  const tools = toolbar.querySelector(".trix-button-group--history-tools");
  const source = make("button", { type: "button", class: "trix-button", title: words.source }, "HTML");
  tools?.append(source);
  return source;
}

/** @param {HTMLElement} box */
function edit(box) {
  const field = /** @type {HTMLTextAreaElement} */ (box.querySelector("textarea"));
  const hidden = make("input", { type: "hidden", id: `${field.id}-editor` });
  hidden.setAttribute("value", field.value);
  const toolbar = make("trix-toolbar", { id: `${field.id}-toolbar` });
  const editor = make("trix-editor", {
    input: hidden.id, toolbar: toolbar.id, "aria-label": box.dataset.label ?? "",
  });
  let ready = false;
  editor.addEventListener("trix-initialize", () => {
    dress(toolbar).addEventListener("click", (event) => flip(/** @type {Element} */ (event.target)));
    requestAnimationFrame(() => (ready = true));
  });
  box.append(hidden, toolbar, editor);
  field.hidden = true;

  editor.addEventListener("trix-change", () => {
    if (!ready) return;
    dirty = true;
    field.value = /** @type {HTMLInputElement} */ (hidden).value;
  });
  editor.addEventListener("trix-attachment-add", (event) => send(/** @type {any} */ (event).attachment));

  /** Between the text and its HTML. @param {Element} source */
  function flip(source) {
    const open = Boolean(field.hidden);
    field.hidden = !open;
    editor.hidden = open;
    source.classList.toggle("trix-active", open);
    if (!open) /** @type {any} */ (editor).editor.loadHTML(field.value);
    (open ? field : editor).focus();
  }
}

let underway = 0;

/** A picture or film that was dropped or pasted gets its address. @param {any} attachment */
async function send(attachment) {
  if (!attachment.file) return;
  underway += 1;
  const { ok, said } = await sent(attachment.file, (share) => attachment.setUploadProgress(share));
  underway -= 1;
  if (ok) {
    attachment.setAttributes({ url: said.url, href: said.picture ? null : said.url });
  } else {
    attachment.remove();
    alert(said?.reason ?? words.lost);
  }
}

/** By XMLHttpRequest, which alone tells how far it is.
 * @param {File} file @param {(percent: number) => void} tell
 * @returns {Promise<{ok: boolean, said: any}>} */
function sent(file, tell) {
  const data = new FormData(upload);
  data.set("file", file);
  const request = new XMLHttpRequest();
  request.open("POST", upload.action);
  request.setRequestHeader("Accept", "application/json");
  request.responseType = "json";
  request.upload.onprogress = (event) => tell((100 * event.loaded) / event.total);
  return new Promise((done) => {
    request.onloadend = () => done({ ok: request.status === 201, said: request.response });
    request.send(data);
  });
}

for (const box of document.querySelectorAll("[data-editor]")) edit(/** @type {HTMLElement} */ (box));
for (const form of document.querySelectorAll("form[data-text]")) {
  form.addEventListener("input", () => (dirty = true));
  form.addEventListener("submit", (event) => {
    if (underway) {
      event.preventDefault();
      alert(words.underway);
    } else {
      dirty = false;
    }
  });
}
addEventListener("beforeunload", (event) => {
  if (dirty) event.preventDefault();
});
