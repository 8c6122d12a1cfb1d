/** What a screen reader should say of an element's frame: the page's own words, as plain text. */

const LONGEST = 500; // characters, each

/**
 * @param {HTMLElement} host
 * @param {ElementInternals} internals
 */
export function describe(host, internals) {
  const label = host.getAttribute("aria-label") || named(host, "aria-labelledby") ||
    [...internals.labels].map((each) => each.textContent ?? "").join(" ") || host.title;
  const description = host.getAttribute("aria-description") ||
    [named(host, "aria-describedby"), named(host, "aria-errormessage")].join(" ");
  return { label: plain(label), description: plain(description) };
}

/**
 * @param {HTMLElement} host
 * @param {string} attribute that holds ids
 */
function named(host, attribute) {
  const root = /** @type {Document | ShadowRoot} */ (host.getRootNode());
  const ids = (host.getAttribute(attribute) ?? "").split(/\s+/).filter(Boolean);
  return ids.map((id) => root.getElementById?.(id)?.textContent ?? "").join(" ");
}

/** @param {string} text */
const plain = (text) => text.replaceAll(/\s+/g, " ").trim().slice(0, LONGEST);
