/** What the host gives to its frame: a box, the page's look, and its words. */

import { CODE } from "../frame/messages.js";

const AT_ONCE = 25; // elements
const NAMES = /** @type {[RegExp]} */ ([/^[a-z-]+$/]);
export const everyField = {
  usable: { properties: NAMES, hinted: NAMES },
  ready: {},
  expired: {},
  error: { code: CODE },
  problem: { code: CODE },
  wiped: { code: CODE },
  focus: {},
  blur: {},
  escape: {},
};

// Any rule of the page is stronger. The strut gives a line's height and baseline.
const every = sheetOf(`
:host { display: inline-block; inline-size: 20ch }
:host([hidden]) { display: none }
div { position: relative; display: flex; align-items: center; block-size: 100% }
div::before { content: '\\200b' }
data { position: absolute; visibility: hidden; color: GrayText }
iframe, span { position: absolute; inset: 0; inline-size: 100%; block-size: 100%; border: 0 }
span { display: flex; align-items: center; overflow: hidden; white-space: nowrap; pointer-events: none;
  font-style: italic }
span:empty { display: none }
iframe { opacity: 0 }
span:empty ~ .ready { opacity: 1 }
`);
const field = sheetOf(`
:host { padding: 2px 3px; border: 1px solid GrayText; border-radius: 2px; background: Field;
  color: FieldText; font: 13.333px system-ui, sans-serif; cursor: text }
:host(:disabled) { color: GrayText; cursor: default }
:host(:state(focus)) { outline: auto 1px Highlight; outline: auto 1px -webkit-focus-ring-color }
:host(:state(focus)) span { display: none }
:host(:state(focus)) .ready { opacity: 1 }
`);

/** @param {string} style */
export function sheetOf(style) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  return sheet;
}

/** @type {T.MakeShadow} */
export function makeShadow(host, isField, delegatesFocus) {
  const root = host.attachShadow({ mode: "open", delegatesFocus });
  root.adoptedStyleSheets = isField ? [every, field] : [every];
  const box = document.createElement("div");
  const hint = document.createElement("data");
  const message = document.createElement("span");
  hint.part.add("placeholder");
  message.part.add("message");
  message.role = "status";
  if (isField) box.append(hint);
  box.append(message);
  root.append(box);
  return { box, hint: isField && hint, message };
}

// No event tells of a changed style: what is seen is looked at, once a frame.

/** @type {Map<Element, () => void>} */
const watched = new Map();
/** @type {Set<Element>} */
const visible = new Set();
let turn = 0;
let running = false;

const observer = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    visible[isIntersecting && watched.has(target) ? "add" : "delete"](target);
  }
  run();
});

/** @type {T.Watch} */
export function watch(host, look) {
  watched.set(host, look);
  look();
  observer.observe(host);
  return watched.size;
}

/** @param {Element} host */
export function unwatch(host) {
  visible.delete(host);
  watched.delete(host);
  observer.unobserve(host);
}

function run() {
  if (running || visible.size === 0) return;
  running = true;
  requestAnimationFrame(() => {
    running = false;
    const all = [...visible];
    for (const host of all.slice(turn, turn + AT_ONCE)) watched.get(host)?.();
    turn = turn + AT_ONCE < all.length ? turn + AT_ONCE : 0;
    run();
  });
}

/** @type {T.LookOf} */
export const lookOf = (host, { properties, hinted }) => ({
  style: read(host, properties),
  hint: host.hint ? read(host.hint, hinted) : {},
});

/** @type {T.Following} */
export function following(host, names) {
  const { port } = host;
  let seen = "";
  return () => {
    const look = lookOf(host, names);
    const now = JSON.stringify(look);
    if (now !== seen) port?.postMessage({ type: "look", ...look });
    seen = now;
  };
}

/** @type {T.ReadStyle} */
function read(element, names) {
  const computed = getComputedStyle(element);
  return Object.fromEntries(
    names.map((name) => [name, computed.getPropertyValue(name).slice(0, 512)]),
  );
}

/** @type {T.GroupOf} */
export function groupOf(host) {
  /** @type {any} */
  let at = /^(?:input|text)/.test(host.kind) && host;
  do at = at && (at.assignedSlot ?? at.parentNode ?? at.host);
  while (at && at.localName !== "secure-group");
  return at || undefined;
}

/** @type {T.Describe} */
export function describe(host) {
  const { title, ariaLabel, ariaDescription } = host;
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
  // Labels take long to find.
  const labels = host.id || host.closest("label") ? [...host.internals.labels] : [];
  const label = ariaLabel || named("aria-labelledby") || textOf(labels) || title;
  return {
    label: plain(label),
    description: plain(ariaDescription || named("aria-describedby")),
    lang: plain(host.closest("[lang]")?.getAttribute("lang") ?? ""),
  };
}
