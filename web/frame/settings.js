/**
 * What the tokenizer tells its own document: the application, who may embed it, and the rules that
 * a page can tighten but never loosen. It stands in a `<meta>` of the document, so that scripts and
 * style sheets are the same for every application and come from the browser's cache.
 */

/**
 * @typedef {object} DeclaredValidator
 * @property {string} pattern a regular expression for the whole value
 * @property {string} message what the person is told
 *
 * @typedef {object} Settings
 * @property {string} application
 * @property {string[]} origins the only origins whose pages may speak to this document
 * @property {"always" | "click"} reveal
 * @property {number | null} remask_after seconds
 * @property {Record<string, DeclaredValidator>} validators
 */

/**
 * Read the document's settings. A missing or damaged one throws, and the frame then never answers.
 * @returns {Readonly<Settings>}
 */
export function readSettings() {
  const meta = /** @type {HTMLMetaElement | null} */ (
    document.querySelector('meta[name="lunasec-frame"]')
  );
  const { application, origins, reveal, remask_after, validators } = JSON.parse(
    meta?.content ?? "{}",
  );
  if (typeof application !== "string" || !Array.isArray(origins)) {
    throw new Error("The document has no settings.");
  }
  return Object.freeze({
    application,
    origins,
    reveal: reveal === "click" ? "click" : "always",
    remask_after: remask_after > 0 ? remask_after : null,
    validators: validators ?? {},
  });
}
