/** What the host gives to its frame: a box, the page's look, and its words. */

import { hinted, properties } from "../frame/channel.js";

/** @import * as T from "../types" */

const AT_ONCE = 25; // elements

// Any rule of the page is stronger. The strut gives a line's height and baseline.
const box = `
:host { display: inline-block; inline-size: 20ch }
:host([hidden]) { display: none }
div { position: relative; display: flex; align-items: center; block-size: 100% }
b, data { visibility: hidden }
data { position: absolute; color: GrayText }
iframe, span { position: absolute; inset: 0; inline-size: 100%; block-size: 100%; border: 0 }
span { display: flex; align-items: center; overflow: hidden; white-space: nowrap; pointer-events: none;
  font-style: italic }
span:empty { display: none }
iframe, span:not(:empty) ~ iframe { opacity: 0 }
span:empty ~ .ready { opacity: 1 }
`;
const field = `
:host { padding: 2px 3px; border: 1px solid GrayText; border-radius: 2px; background: Field;
  color: FieldText; font: 13.333px system-ui, sans-serif; cursor: text }
:host(:disabled) { color: GrayText; cursor: default }
:host(:state(focus)) { outline: auto 1px Highlight; outline: auto 1px -webkit-focus-ring-color }
:host(:state(focus)) span { display: none }
:host(:state(focus)) .ready { opacity: 1 !important }
`;

/** @param {HTMLElement} host @param {boolean} isField and looks like one */
export function makeShadow(host, isField) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(isField ? box + field : box);
  const root = host.attachShadow({ mode: "open", delegatesFocus: true });
  root.adoptedStyleSheets = [sheet];
  /** @param {string} name */
  const make = (name, part = "") => {
    const element = document.createElement(name);
    if (part) element.part.add(part);
    return element;
  };
  const [around, strut] = [make("div"), make("b")];
  const [hint, message] = [make("data", "placeholder"), make("span", "message")];
  strut.textContent = "\u200b";
  message.role = "status";
  around.append(strut, hint, message);
  root.append(around);
  return { box: around, hint, message };
}

// No event tells of a computed style that changed. So it is looked at, once a frame of the screen,
// for what is on the screen.

/** @type {Map<Element, T.Watched>} */
const watched = new Map();
/** @type {Set<T.Watched>} */
const visible = new Set();
let turn = 0;
let running = false;

const observer = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    const found = watched.get(target);
    if (found) visible[isIntersecting ? "add" : "delete"](found);
  }
  run();
});

/** @type {(host: Element, hint: Element, look: T.Watched["look"]) => void} */
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

/** @param {T.Watched} found */
function compare(found) {
  const look = { style: read(found.host, properties), hint: read(found.hint, hinted) };
  const seen = JSON.stringify(look);
  if (seen !== found.seen) found.look(look);
  found.seen = seen;
}

/** @param {Element} element @param {string[]} names */
function read(element, names) {
  const computed = getComputedStyle(element);
  return Object.fromEntries(
    names.map((name) => [name, computed.getPropertyValue(name).slice(0, 512)]),
  );
}

/** @param {HTMLElement} host @param {ElementInternals} internals */
export function describe(host, internals) {
  /** @param {(Node | null)[]} nodes */
  const textOf = (nodes) => nodes.map((node) => node?.textContent ?? "").join(" ");
  /** @param {string} attribute that holds ids */
  const named = (attribute) => {
    const root = /** @type {Document} */ (host.getRootNode());
    const ids = host.getAttribute(attribute)?.split(/\s+/) ?? [];
    return textOf(ids.map((id) => root.getElementById?.(id)));
  };
  /** @param {string} text */
  const plain = (text) => text.replaceAll(/\s+/g, " ").trim().slice(0, 500);
  const { title, ariaLabel, ariaDescription } = host;
  const label = ariaLabel || named("aria-labelledby") || textOf([...internals.labels]) || title;
  return { label: plain(label), description: plain(ariaDescription || named("aria-describedby")) };
}

/** The page's handlers hear of it, and the dialog that it would close. @param {HTMLElement} host */
export function pressEscape(host) {
  const key = { key: "Escape", code: "Escape", bubbles: true, composed: true, cancelable: true };
  if (!host.dispatchEvent(new KeyboardEvent("keydown", key))) return;
  const dialog = /** @type {HTMLDialogElement | null} */ (host.closest("dialog:modal"));
  if (dialog?.dispatchEvent(new Event("cancel", { cancelable: true }))) dialog.close();
}
