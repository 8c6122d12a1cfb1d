/**
 * The page's style for its frames. Style sheets, classes, media queries, inheritance and animations
 * all end in computed style, and no event tells of its changes; so it is looked at: for all elements
 * of the page in one place, once a frame of the screen, and only for those on the screen.
 */

import { grammar, hinted } from "../frame/style.js";

const AT_ONCE = 25; // elements a frame of the screen; a page with more takes turns

/**
 * @typedef {object} Styled
 * @property {Element} host
 * @property {Element} hint the stand-in for `::part(placeholder)`
 * @property {(look: {style: Record<string, string>, hint: Record<string, string>}) => void} look
 * @property {string} seen what was sent last, as one text
 */

const properties = Object.keys(grammar).filter((name) => name !== "opacity");
/** @type {Map<Element, Styled>} */
const watched = new Map();
/** @type {Set<Styled>} */
const visible = new Set();
let turn = 0;
let running = false;

const observer = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    const styled = watched.get(target);
    if (styled && isIntersecting) visible.add(styled);
    else if (styled) visible.delete(styled);
  }
  run();
}, { rootMargin: "100px" });

/**
 * Send the look of a host now, and whenever it changed while it can be seen.
 * @param {Omit<Styled, "seen">} wanted
 */
export function watch(wanted) {
  unwatch(wanted.host);
  const styled = { ...wanted, seen: "" };
  watched.set(wanted.host, styled);
  compare(styled);
  observer.observe(wanted.host);
}

/** @param {Element} host */
export function unwatch(host) {
  const styled = watched.get(host);
  if (!styled) return;
  watched.delete(host);
  visible.delete(styled);
  observer.unobserve(host);
}

function run() {
  if (running || visible.size === 0) return;
  running = true;
  requestAnimationFrame(() => {
    running = false;
    const all = [...visible];
    for (let count = Math.min(AT_ONCE, all.length); count > 0; count -= 1) {
      turn = (turn + 1) % all.length;
      const styled = all[turn];
      if (styled) compare(styled);
    }
    run();
  });
}

/** @param {Styled} styled */
function compare(styled) {
  const style = read(styled.host, properties);
  const hint = read(styled.hint, hinted);
  const seen = Object.values(style).join(";") + Object.values(hint).join(";");
  if (seen === styled.seen) return;
  styled.seen = seen;
  styled.look({ style, hint });
}

/**
 * @param {Element} element
 * @param {string[]} names
 */
function read(element, names) {
  const computed = getComputedStyle(element);
  return Object.fromEntries(names.map((name) => [name, computed.getPropertyValue(name).slice(0, 512)]));
}
