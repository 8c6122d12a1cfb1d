/**
 * The host's side of the look: the box that its frame fills, and the page's style on its way into
 * the frame. Style sheets, classes, media queries and animations all end in computed style, of whose
 * changes no event tells; so it is looked at, for all elements of the page in one place, once a
 * frame of the screen, and only for those that are on the screen.
 */

import { hinted, properties } from "../frame/style.js";

/** @import { Look } from "../types" */
/** @typedef {{host: Element, hint: Element, look: (look: Look) => void, seen: string}} Watched */

const AT_ONCE = 25; // elements a frame of the screen; those of a larger page take turns

// Any rule of the page is stronger than these. The strut gives a line's height and baseline.
const box = `
:host { display: inline-block; inline-size: 20ch; }
:host([hidden]) { display: none; }
[part=box] { position: relative; display: flex; align-items: center; block-size: 100%; }
b { visibility: hidden; }
iframe, [part=message] { position: absolute; inset: 0; inline-size: 100%; block-size: 100%; border: 0; }
iframe { opacity: 0; }
iframe.ready { opacity: 1; }
[part=placeholder] { position: absolute; visibility: hidden; color: GrayText; }
[part=message] { display: flex; align-items: center; overflow: hidden; white-space: nowrap; pointer-events: none; }
[part=message]:empty { display: none; }
[part=message]:not(:empty) ~ iframe { opacity: 0; }
`;
const field = `
:host { padding: 1px 2px; border: 2px inset ButtonBorder; background: Field; color: FieldText;
  font: 13.333px system-ui, sans-serif; cursor: text; }
:host(:disabled) { color: GrayText; cursor: default; }
:host(:focus-within) { outline: auto 1px Highlight; outline: auto 1px -webkit-focus-ring-color; }
:host(:focus-within) [part=message] { display: none; }
:host(:focus-within) iframe.ready { opacity: 1; }
`;

/** @param {HTMLElement} host @param {boolean} isField and looks like one */
export function makeShadow(host, isField) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(isField ? box + field : box);
  const root = host.attachShadow({ mode: "open", delegatesFocus: true });
  root.adoptedStyleSheets = [sheet];
  /** @type {(name: string, part: string) => HTMLElement} */
  const make = (name, part) => {
    const element = document.createElement(name);
    element.part.add(part);
    return element;
  };
  const [around, hint, message, strut] = [make("div", "box"), make("i", "placeholder"), make("span", "message"), make("b", "strut")];
  strut.textContent = "\u200b";
  message.role = "status";
  around.append(strut, hint, message);
  root.append(around);
  return { box: around, hint, message };
}

/** @type {Map<Element, Watched>} */
const watched = new Map();
/** @type {Set<Watched>} */
const visible = new Set();
let turn = 0;
let running = false;

const observer = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    const found = watched.get(target);
    if (found) visible[isIntersecting ? "add" : "delete"](found);
  }
  run();
}, { rootMargin: "100px" });

/**
 * Send the look of a host now, and whenever it changed while it can be seen.
 * @param {Element} host
 * @param {Element} hint stands in for the one in the frame
 * @param {(look: Look) => void} look
 */
export function watch(host, hint, look) {
  unwatch(host);
  const found = { host, hint, look, seen: "" };
  watched.set(host, found);
  compare(found);
  observer.observe(host);
}

/** @param {Element} host */
export function unwatch(host) {
  const found = watched.get(host);
  if (found) visible.delete(found);
  watched.delete(host);
  observer.unobserve(host);
}

function run() {
  if (running || visible.size === 0) return;
  running = true;
  requestAnimationFrame(() => {
    running = false;
    const all = [...visible];
    for (const found of all.slice(turn, turn + AT_ONCE)) compare(found);
    turn = turn + AT_ONCE < all.length ? turn + AT_ONCE : 0;
    run();
  });
}

/** @param {Watched} found */
function compare(found) {
  const style = read(found.host, properties);
  const hint = read(found.hint, hinted);
  const seen = [...Object.values(style), ...Object.values(hint)].join(";");
  if (seen === found.seen) return;
  found.seen = seen;
  found.look({ style, hint });
}

/** @param {Element} element @param {string[]} names */
function read(element, names) {
  const computed = getComputedStyle(element);
  return Object.fromEntries(names.map((name) => [name, computed.getPropertyValue(name).slice(0, 512)]));
}

/**
 * The page's own words for an element, as a screen reader should say them of its frame.
 * @param {HTMLElement} host
 * @param {ElementInternals} internals
 */
export function describe(host, internals) {
  /** @type {(texts: Iterable<{textContent: string | null} | null>) => string} */
  const plain = (texts) => Array.from(texts, (each) => each?.textContent ?? "").join(" ").replaceAll(/\s+/g, " ").trim().slice(0, 500);
  /** @param {string} attribute that holds ids */
  const named = (attribute) => plain((host.getAttribute(attribute) ?? "").split(/\s+/).filter(Boolean).map((id) =>
    /** @type {Document} */ (host.getRootNode()).getElementById?.(id) ?? null));
  const label = host.ariaLabel || named("aria-labelledby") || plain(/** @type {any} */ (internals.labels)) || host.title;
  return { label: label.slice(0, 500), description: (host.getAttribute("aria-description") || named("aria-describedby")).slice(0, 500) };
}

/**
 * Escape in a frame is for the page: its key handlers hear it, and what it would close, is closed.
 * @param {HTMLElement} host
 */
export function escape(host) {
  const key = { key: "Escape", code: "Escape", bubbles: true, composed: true, cancelable: true };
  if (!host.dispatchEvent(new KeyboardEvent("keydown", key))) return;
  const popover = /** @type {HTMLElement | null} */ (host.closest("[popover]:popover-open"));
  const dialog = /** @type {HTMLDialogElement | null} */ (host.closest("dialog:modal"));
  if (popover) popover.hidePopover();
  else if (dialog?.dispatchEvent(new Event("cancel", { cancelable: true }))) dialog.close();
}
