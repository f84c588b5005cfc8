// Between unfold's templates and Alpine's CSP build, which knows no globals, no `;` and no `if`:
// their functions are registered by name, and what they took from `window` comes from a component.
// A plain script in the head, not a module: it must run before Alpine, which is deferred.
/* global Alpine, theme, searchForm, searchDropdown, searchCommand, getCurrentTab */

const root = document.documentElement;

/** The stored theme, before the first paint; Alpine takes over when it starts. */
function storedTheme() {
  const stored = (localStorage.getItem("adminTheme") || '"auto"').replaceAll('"', "");
  if (stored !== "auto") return stored;
  return window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "";
}

const early = storedTheme();
if (early) root.classList.add(early);

/** The shell of every page: active tab, sidebar, and the little of `window` that unfold reads. */
function shell(primaryTab = "") {
  const stored = localStorage.getItem("sidebarDesktopOpen");
  return {
    activeTab: (primaryTab && getCurrentTab()) || primaryTab,
    sidebarMobileOpen: false,
    sidebarDesktopOpen: stored === null ? true : stored === "1",
    window: { location: { pathname: location.pathname, search: location.search } },
    toggleSidebar() {
      this.sidebarDesktopOpen = !this.sidebarDesktopOpen;
      localStorage.setItem("sidebarDesktopOpen", this.sidebarDesktopOpen ? "1" : "0");
    },
  };
}

function dropdown() {
  return {
    ...searchDropdown(),
    openResults() {
      this.openSearchResults = true;
      this.currentIndex = 0;
    },
    escape() {
      this.openSearchResults = false;
      const input = this.$refs.searchInput;
      if (input.value === "") input.blur();
      else input.value = "";
    },
  };
}

/** What had the focus, to give it back. */
function focused() {
  return /** @type {HTMLElement | null} */ (document.activeElement);
}

function command() {
  const base = searchCommand();
  return {
    ...base,
    opener: /** @type {HTMLElement | null} */ (null),
    /** What was chosen may lead to this very page: to the desk's commands. */
    init() {
      window.addEventListener("hashchange", () => {
        if (!this.openCommandResults) return;
        this.$refs.searchInputCommand.value = "";
        this.handleEscape();
      });
    },
    handleOpen() {
      this.opener = focused();
      base.handleOpen.call(this);
    },
    handleEscape() {
      base.handleEscape.call(this);
      if (!this.openCommandResults) this.opener?.focus();
    },
    handleOutsideClick() {
      if (this.openCommandResults) base.handleOutsideClick.call(this);
    },
    /**
     * Enter with nothing chosen takes the first result, and with no result does nothing.
     * @param {boolean} addHistory
     */
    selectItem(addHistory, openInNewTab = false) {
      if (!this.items || this.items.length === 0) return;
      if (this.currentIndex === 0) this.currentIndex = 1;
      base.selectItem.call(this, addHistory, openInNewTab);
    },
    /** @param {KeyboardEvent} event @param {boolean} addHistory */
    enter(event, addHistory) {
      if (!event.metaKey && !event.ctrlKey) this.selectItem(addHistory, false);
    },
  };
}

const FOCUSABLE =
  'a[href], button:not([disabled]), input:not([type="hidden"]), select, textarea, [tabindex="0"]';

/** Focus goes into the modal when it fills, stays there, and returns to where it was. */
function keepFocusInModal() {
  const modal = document.getElementById("modal-content");
  if (!modal) return;
  /** @type {HTMLElement | null} */
  let opener = null;
  const shown = () => modal.offsetParent !== null || modal.getClientRects().length > 0;
  document.addEventListener("htmx:beforeRequest", () => {
    if (!shown()) opener = focused();
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (!modal.contains(/** @type {Node} */ (event.target))) return;
    requestAnimationFrame(() => {
      /** @type {HTMLElement | null} */
      const field = modal.querySelector("input, select, textarea");
      (field || modal).focus();
    });
  });
  modal.addEventListener("keydown", (event) => {
    if (event.key !== "Tab") return;
    /** @type {NodeListOf<HTMLElement>} */
    const found = modal.querySelectorAll(FOCUSABLE);
    const fields = [...found];
    const edge = event.shiftKey ? fields[0] : fields.at(-1);
    if (document.activeElement !== edge) return;
    event.preventDefault();
    (event.shiftKey ? fields.at(-1) : fields[0])?.focus();
  });
  new MutationObserver(() => {
    if (!shown() && opener) {
      opener.focus();
      opener = null;
    }
  }).observe(modal.parentElement ?? modal, { attributes: true, attributeFilter: ["style"] });
}

/**
 * unfold hangs clicks on spans and divs: give them a place in the tab order, a role and keys.
 * @param {ParentNode} within
 */
function makeClickable(within) {
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (within.querySelectorAll("[x-on\\:click]"))) {
    const native = element.matches("a[href], button, input, select, textarea, summary");
    if (native || element.matches("[tabindex]") || element.querySelector(FOCUSABLE)) continue;
    element.setAttribute("tabindex", "0");
    if (!element.hasAttribute("role")) element.setAttribute("role", "button");
    const icon = text(element.querySelector(".material-symbols-outlined") || element);
    if (text(element) === icon) {
      element.setAttribute("aria-label", element.title || icon.replaceAll("_", " "));
    }
    element.addEventListener("keydown", (event) => {
      if (event.target !== element || (event.key !== "Enter" && event.key !== " ")) return;
      event.preventDefault();
      element.click();
    });
  }
}

/** @param {Element | undefined} element */
function text(element) {
  return element?.textContent?.trim() ?? "";
}

/**
 * Names for what unfold leaves without one; the words come with the page, in its language.
 * @param {ParentNode} within
 */
function nameTheNameless(within) {
  const words = document.body.dataset;
  /** @param {string} selector @param {string} [word] */
  const name = (selector, word = "") => {
    for (const element of within.querySelectorAll(selector)) {
      if (!element.hasAttribute("aria-label")) element.setAttribute("aria-label", word);
    }
  };
  name("#searchbar-submit", words.wordSearch);
  // select2 makes a field of its own and leaves the label with the one it hides
  for (const field of within.querySelectorAll(".select2-search__field")) {
    const label = field.closest(".field-line")?.querySelector("label");
    if (label) field.setAttribute("aria-label", label.textContent?.trim() ?? "");
  }
  // and names its choice by its value alone: an empty one would have no name
  for (const choice of within.querySelectorAll(".select2-selection[aria-labelledby]")) {
    const label = choice.closest(".field-line")?.querySelector("label");
    const value = choice.getAttribute("aria-labelledby") ?? "";
    if (!label || !value.endsWith("-container")) continue;
    label.id ||= `${value}-label`;
    if (!value.includes(label.id)) choice.setAttribute("aria-labelledby", `${label.id} ${value}`);
    choice.querySelector("[role=textbox]")?.setAttribute("aria-labelledby", label.id);
  }
  name('[x-on\\:click^="showActions"]', words.wordActions);
  name('[x-on\\:click^="openRelatedWidget"], [x-on\\:click^="openActionsId"]', words.wordActions);
  /** @type {NodeListOf<HTMLInputElement>} */
  const fields = within.querySelectorAll("td input, td select, td textarea");
  for (const field of fields) {
    if (field.type === "hidden" || field.labels?.length || field.hasAttribute("aria-label")) continue;
    const cell = field.closest("td");
    const heads = cell?.closest("table")?.querySelectorAll("thead th");
    const word = text(heads?.[cell?.cellIndex ?? 0]) || field.name.split("-").at(-1);
    field.setAttribute("aria-label", word ?? "");
  }
  for (const region of within.querySelectorAll(".simplebar-content-wrapper[role='region']")) {
    if (!region.closest("nav")) region.setAttribute("aria-label", document.title);
  }
}

document.addEventListener("alpine:init", () => {
  root.classList.remove("dark", "light");
  Alpine.data("theme", theme);
  Alpine.data("searchForm", searchForm);
  Alpine.data("searchDropdown", dropdown);
  Alpine.data("searchCommand", command);
  Alpine.data("shell", shell);
});

document.addEventListener("DOMContentLoaded", () => {
  keepFocusInModal();
  // unfold writes a file's name into a field of its own beside it; our forms have none
  for (const input of document.querySelectorAll(".b-form input[type=file]")) {
    Object.assign(input, { hasChangeListener: true });
  }
  makeClickable(document);
  nameTheNameless(document);
  document.addEventListener("htmx:afterSettle", (event) => makeClickable(/** @type {HTMLElement} */ (event.target)));
  // simplebar builds its boxes on load
  window.addEventListener("load", () => setTimeout(() => nameTheNameless(document), 0));
  // unfold writes a chosen file's name into its own placeholder, which only its own fields have
  for (const input of document.querySelectorAll("input[type=file]")) {
    const around = input.parentNode?.parentNode?.parentNode;
    /** @type {any} */ (input).hasChangeListener = !around?.querySelector("input[type=text]");
  }
  // icon ligatures are letters to a screen reader
  for (const icon of document.querySelectorAll(".material-symbols-outlined")) {
    if (!icon.hasAttribute("role") && !icon.hasAttribute("tabindex")) {
      icon.setAttribute("aria-hidden", "true");
    }
  }
});
