/**
 * The look that a page may give to a frame: known properties, each with a value of words, numbers,
 * lengths, colors or font names only. None can name a resource (`url()`, `@import`) or a variable,
 * so no style makes a request, or depends on what the frame shows.
 */

const NUMBER = String.raw`[+-]?(?:\d{1,5}(?:\.\d{1,6})?|\.\d{1,6})(?:e-\d{1,2})?`;
const LENGTH = `${NUMBER}(?:px|em|%)?`;
const WORDS = "-?[a-z]+(?:[ -][a-z]+){0,12}";
// Arguments stand apart by one separator each, so that a run of digits can be read in one way only.
const ARGUMENTS = `${NUMBER}%?(?:(?:, ?| / | )${NUMBER}%?){2,3}`;
const COLOR = String.raw`(?:[a-z]{3,30}|#[\da-f]{3,8}|(?:rgba?|hsla?|hwb|lab|lch|oklab|oklch)\(${ARGUMENTS}\)` +
  String.raw`|color\([a-z\d]+(?:-[a-z\d]+)* ${ARGUMENTS}\))`;
const FAMILY = String.raw`(?:"[\p{L}\d ._+-]{1,64}"|-?[\p{L}_][\p{L}\d_-]*(?: [\p{L}\d_-]+)*)`;
const TAG = `"[a-z\\d]{4}"(?: ${NUMBER}| on| off)?`;
const SHADOW = `${COLOR} ${LENGTH} ${LENGTH} ${LENGTH}`;

/** @param {string} one @param {number} most */
const list = (one, most) => `${one}(?:, ?${one}){0,${most - 1}}`;

/** Property names by the grammar of their values. @type {[string, string][]} */
const grammars = [
  [COLOR, "color caret-color text-decoration-color"],
  [`${WORDS}|${LENGTH}`, "font-size font-stretch font-weight letter-spacing line-height text-indent word-spacing"],
  [WORDS, "color-scheme cursor direction font-kerning font-optical-sizing font-variant-caps overflow-wrap " +
    "font-variant-ligatures font-variant-numeric text-align text-decoration-line text-decoration-style " +
    "text-overflow text-rendering text-transform white-space word-break -webkit-font-smoothing"],
  [`${WORDS}(?: ${NUMBER}deg)?`, "font-style"],
  [list(FAMILY, 20), "font-family"],
  [`normal|${list(TAG, 16)}`, "font-feature-settings font-variation-settings"],
  [`none|${list(SHADOW, 4)}`, "text-shadow"],
];
const grammar = new Map(grammars.flatMap(([values, names]) =>
  names.split(" ").map((name) => [name, new RegExp(`^(?:${values})$`, "iu")])));

/** What is looked at in the page. */
export const properties = [...grammar.keys()];
/** What of it counts for the hint in an empty field, `::part(placeholder)`. */
export const hinted = ["color", "font-style", "font-weight", "letter-spacing", "text-transform"];

/**
 * @param {string} property
 * @param {string | undefined} value as the page computed it
 */
export const isAllowed = (property, value = "") =>
  value.length <= 512 && (grammar.get(property)?.test(value) ?? false);

/**
 * Give an element the allowed part of a style, and take from it what is gone or was never allowed.
 * @param {HTMLElement} element
 * @param {Record<string, string>} style
 * @param {string} prefix of custom properties for the frame's own sheet, or empty
 */
export function applyStyle(element, style, prefix = "") {
  for (const name of prefix ? hinted : properties) {
    const value = style[name];
    element.style.setProperty(prefix + name, value && isAllowed(name, value) ? value : "");
  }
}
