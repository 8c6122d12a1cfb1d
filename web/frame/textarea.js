/**
 * The document of `<secure-textarea>`. It grows by whole lines of typed text; a stored one scrolls
 * inside, and always does, so that a wheel never reaches the page past a short one.
 */

import { serveTyped } from "./input.js";

const PAGES = /** @type {Record<string, number>} */ ({ PageUp: -0.9, PageDown: 0.9 });
const LINES = /** @type {Record<string, number>} */ ({ ArrowUp: -1, ArrowDown: 1 });

const sheet = new CSSStyleSheet();
sheet.replaceSync(`
textarea { all: unset; position: sticky; inset: 0; flex: 1 1 0; min-inline-size: 0; block-size: 100%; overflow: auto;
  white-space: pre-wrap; overflow-wrap: break-word }
textarea::placeholder { color: var(--hint-color, GrayText); font-style: var(--hint-font-style);
  font-weight: var(--hint-font-weight); letter-spacing: var(--hint-letter-spacing);
  text-transform: var(--hint-text-transform) }
textarea:has(+ :not(:empty))::placeholder { color: transparent }
:has(> textarea + span:not(:empty)) { position: relative; overflow: auto; overscroll-behavior: contain }
textarea + span { position: absolute; inset: 0 0 auto; min-block-size: 100%; overflow: visible; white-space: pre-wrap;
  overflow-wrap: break-word; pointer-events: none }
textarea + span:empty { display: none }
textarea + span::after { content: ""; position: absolute; inset-block-start: 100%; inset-inline-start: 100%;
  inline-size: 1px; block-size: 1px }
textarea[wrap=off], textarea[wrap=off] + span { white-space: pre; overflow-wrap: normal }
`);
document.adoptedStyleSheets.push(sheet);

serveTyped("textarea", { wrap: /^(?:soft|off)$/, grow: Boolean }, (drawn, page) => {
  /** @type {any} */
  const input = document.createElement("textarea");
  let lines = 0;

  /** @param {boolean} isStored */
  const grown = (isStored) => {
    const found = !isStored && input.hasAttribute("grow") ? linesOf(input) : 0;
    if (found && found !== lines) page.postMessage({ type: "lines", lines: found });
    lines = found;
  };
  // Of another width it has other lines.
  new ResizeObserver(() => {
    // Firefox would have Tab stop at the box that scrolls as well.
    /** @type {HTMLElement} */ (input.parentElement).tabIndex = -1;
    grown(drawn.textContent !== "");
  }).observe(input);
  input.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const pages = (PAGES[event.key] ?? 0) * input.clientHeight;
    const lines = (LINES[event.key] ?? 0) * Number.parseFloat(getComputedStyle(input).fontSize);
    if (!drawn.textContent || !(pages + lines)) return;
    event.preventDefault();
    input.parentElement?.scrollBy(0, pages + lines);
  });
  return [input, grown];
});

/** Lines as they are laid out, of text that is being typed. @param {HTMLTextAreaElement} input */
function linesOf(input) {
  const strut = document.createElement("div");
  strut.textContent = "\u200b";
  strut.style.position = "absolute";
  input.parentElement?.append(strut);
  // Without a scroll bar that this height alone would bring.
  Object.assign(input.style, { blockSize: "0", overflow: "hidden" });
  const found = Math.round(input.scrollHeight / strut.offsetHeight);
  Object.assign(input.style, { blockSize: "", overflow: "" });
  strut.remove();
  return Math.max(1, found);
}
