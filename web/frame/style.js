/**
 * The look that a page may give to a frame: a list of properties, each with a strict grammar of its
 * value. No value can name a resource (`url()`, `image-set()`, `@import`), a variable or anything
 * else that is looked up, so no style makes a request or depends on what the frame shows.
 */

const NUMBER = String.raw`[+-]?(?:\d{1,5}(?:\.\d{1,6})?|\.\d{1,6})(?:e-\d{1,2})?`;
const LENGTH = `(?:${NUMBER}(?:px|em|rem|ch|%)|0)`;
// Arguments stand apart by a separator each, so that a long run of digits is read in one way only.
const ARGUMENT = `(?:none|${NUMBER}(?:%|deg)?)`;
const ARGUMENTS = `${ARGUMENT}(?:(?: ?[,/] ?| )${ARGUMENT}){2,4}`;
const SPACE = "(?:srgb|srgb-linear|display-p3|a98-rgb|prophoto-rgb|rec2020|xyz|xyz-d50|xyz-d65)";
const COLOR = "(?:[a-z]{3,30}|#[0-9a-f]{3,8}" +
  String.raw`|(?:rgb|rgba|hsl|hsla|hwb|lab|lch|oklab|oklch)\(${ARGUMENTS}\)` +
  String.raw`|color\(${SPACE} ${ARGUMENTS}\))`;
const FAMILY = String.raw`(?:"[\p{L}\p{N} ._+-]{1,64}"|-?[\p{L}_][\p{L}\p{N}_-]{0,63}(?: [\p{L}\p{N}_-]{1,64}){0,5})`;
const TAG = String.raw`"[a-zA-Z0-9]{4}"`;
const SHADOW = String.raw`(?:${COLOR} )?${LENGTH}(?: ${LENGTH}){1,2}(?: ${COLOR})?`;

/** @param {string} grammar */
const whole = (grammar) => new RegExp(`^(?:${grammar})$`, "u");
/** @param {string} names */
const words = (names) => whole(names.replaceAll(" ", "|"));
/** @param {string} grammar @param {number} limit */
const commas = (grammar, limit) => `${grammar}(?:, ?${grammar}){0,${limit - 1}}`;

const spacing = whole(`normal|${LENGTH}`);
const color = whole(COLOR);

/** @type {Readonly<Record<string, RegExp>>} */
export const grammar = Object.freeze({
  "caret-color": whole(`auto|${COLOR}`),
  color,
  "color-scheme": whole("normal|(?:only )?(?:light|dark)(?: (?:light|dark))?(?: only)?"),
  cursor: words("auto default text pointer not-allowed help none"),
  direction: words("ltr rtl"),
  "font-family": whole(commas(FAMILY, 20)),
  "font-feature-settings": whole(`normal|${commas(`${TAG}(?: \\d{1,2}| on| off)?`, 16)}`),
  "font-kerning": words("auto normal none"),
  "font-optical-sizing": words("auto none"),
  "font-size": whole(LENGTH),
  "font-stretch": whole(`normal|${NUMBER}%`),
  "font-style": whole(`normal|italic|oblique(?: ${NUMBER}deg)?`),
  "font-variant-caps": words("normal small-caps all-small-caps unicase titling-caps"),
  "font-variant-ligatures": whole("normal|none|[a-z -]{3,80}"),
  "font-variant-numeric": whole("normal|[a-z -]{3,80}"),
  "font-variation-settings": whole(`normal|${commas(`${TAG} ${NUMBER}`, 16)}`),
  "font-weight": whole("normal|bold|\\d{1,4}"),
  "letter-spacing": spacing,
  "line-height": whole(`normal|${NUMBER}|${LENGTH}`),
  opacity: whole(NUMBER),
  "overflow-wrap": words("normal break-word anywhere"),
  "text-align": words("start end left right center justify"),
  "text-decoration-color": color,
  "text-decoration-line": whole("none|(?:underline|overline|line-through| )+"),
  "text-decoration-style": words("solid double dotted dashed wavy"),
  "text-indent": whole(LENGTH),
  "text-overflow": words("clip ellipsis"),
  "text-rendering": words("auto optimizespeed optimizelegibility geometricprecision"),
  "text-shadow": whole(`none|${commas(SHADOW, 4)}`),
  "text-transform": words("none capitalize uppercase lowercase"),
  "white-space": words("normal nowrap pre pre-wrap pre-line break-spaces"),
  "word-break": words("normal break-all keep-all"),
  "word-spacing": spacing,
  "-webkit-font-smoothing": words("auto none antialiased subpixel-antialiased"),
});

/** What an empty field's hint may look like, in `::part(placeholder)`. */
export const hinted = ["color", "font-style", "font-weight", "letter-spacing", "opacity", "text-transform"];

/**
 * Tell whether a property may be set, and to this value.
 * @param {string} property
 * @param {string} value as the page computed it
 */
export function isAllowed(property, value) {
  if (!Object.hasOwn(grammar, property) || value.length > 512) return false;
  // Font names keep their case; everything else is compared in the case that browsers compute.
  const compared = property.startsWith("font-f") ? value : value.toLowerCase();
  return grammar[property]?.test(compared) ?? false;
}

/**
 * Give an element the allowed part of a style, and drop what is gone or was never allowed.
 * @param {HTMLElement} element
 * @param {Record<string, string>} style
 * @param {string} [prefix] sets custom properties of that name instead, for the frame's own sheet
 */
export function applyStyle(element, style, prefix = "") {
  // Opacity is a hint's alone: the host's own is painted by the page, frame and all.
  const names = prefix ? hinted : Object.keys(grammar).filter((name) => name !== "opacity");
  for (const property of names) {
    const value = style[property] ?? "";
    if (isAllowed(property, value)) element.style.setProperty(prefix + property, value);
    else element.style.removeProperty(prefix + property);
  }
}
