/** How a page reaches a frame: by one handshake, and with a look of nothing but words and numbers. */

import { parse } from "./messages.js";

const meta = globalThis.document?.querySelector("[name=lunasec-frame]");
/** @type {T.Settings} */
export const settings = JSON.parse(meta?.getAttribute("content") ?? "{}");

/** @type {T.AwaitHello} */
export function awaitHello(shape, accepted) {
  addEventListener("message", function listen({ source, origin, data }) {
    if (source !== parent || parent === window || !settings.origins.includes(origin)) return;
    const message = parse(data, { hello: shape });
    if (!message) return;
    removeEventListener("message", listen);
    const { port1, port2 } = new MessageChannel();
    parent.postMessage({ type: "welcome" }, origin, [port2]);
    accepted(message.fields, port1);
  });
}

// A style is of words, numbers, lengths, colors and font names: none names a resource (`url()`) or a
// variable. One separator parts them, so a run of digits is read in one way.
const NUMBER = String.raw`-?\d{1,5}(?:\.\d+)?(?:e-\d+)?`;
const LENGTH = `${NUMBER}(?:px|em|%)?`;
const WORDS = "-?[a-z]+(?:[ -][a-z]+){0,12}";
const SPACE = String.raw`(?:rgba?|hsla?|hwb|(?:ok)?l(?:ab|ch))\(|color\([a-z\d]+(?:-[a-z\d]+)* `;
const COLOR = String.raw`(?:[a-z]{3,30}|#[\da-f]{3,8}|(?:${SPACE})${NUMBER}%?(?:(?:, ?| / | )${NUMBER}%?){2,3}\))`;
const LETTER = "a-z_\u00a1-\u1fff\u2c00-\uffef";
const FAMILY = `(?:"[${LETTER}\\d .+-]{1,64}"|-?[${LETTER}][${LETTER}\\d-]*(?: [${LETTER}\\d-]+)*)`;
const TAG = `"[a-z\\d]{4}"(?: ${NUMBER}| on| off)?`;

/** @param {string} one */
const list = (one) => new RegExp(`^${one}(?:, ?${one})*$`, "i");
const words = list(WORDS);

const grammar = new Map(
  /** @type {[RegExp, string][]} */ ([
    [list(COLOR), "color caret-color"],
    [
      list(LENGTH),
      "font-size font-stretch font-weight letter-spacing line-height text-indent word-spacing",
    ],
    [
      words,
      "color-scheme cursor direction font-kerning font-style font-variant-caps " +
        "font-variant-numeric overflow-wrap text-align text-decoration-line text-overflow " +
        "text-transform white-space word-break -webkit-font-smoothing",
    ],
    [list(FAMILY), "font-family"],
    [list(TAG), "font-feature-settings font-variation-settings"],
    [list(`${COLOR}(?: ${LENGTH}){3}`), "text-shadow"],
  ]).flatMap(([values, names]) => names.split(" ").map((name) => [name, values])),
);

/** What of a host's computed style a frame takes over, and what of its hint's. */
export const properties = [...grammar.keys()];
export const hinted = "color font-style font-weight letter-spacing text-transform".split(" ");

/** @type {T.IsAllowed} */
export const isAllowed = (name, value) =>
  value.length <= 512 &&
  grammar.has(name) &&
  (words.test(value) || !!grammar.get(name)?.test(value));

/** @type {T.ApplyStyle} */
export function applyStyle(element, style, prefix = "") {
  for (const name of prefix ? hinted : properties) {
    const value = style[name] ?? "";
    element.style.setProperty(prefix + name, isAllowed(name, value) ? value : "");
  }
}
