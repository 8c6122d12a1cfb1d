/** In which order Tab goes through a group: its fields, and what the page has between them. */

/** @import { SecureElement } from "./element.js" */
const TABBABLE =
  "a[href], area[href], button, input:not([type=hidden]), select, textarea, summary, iframe, " +
  "audio[controls], video[controls], [contenteditable]:not([contenteditable=false]), [tabindex], " +
  "secure-input, secure-text, secure-textarea, secure-upload, secure-download";
const AWAY = ":disabled, [tabindex^='-']";
const SHOWN = { visibilityProperty: true };

export const BEFORE = 1;
export const AFTER = 2;

/** Takes the caret, as soon as it is shown. @param {SecureElement} field */
export const isTyped = (field) => field.kind !== "text" && !field.matches(AWAY);

/** @param {SecureElement} field @param {boolean} gestures are demanded by the tokenizer */
export function isStop(field, gestures) {
  if (field.matches(AWAY) || !field.checkVisibility(SHOWN)) return false;
  if (field.kind !== "text") return true;
  const { reveal, remask, extra } = /** @type {Record<string, any>} */ (field.options());
  return gestures || Boolean(reveal || remask || extra.copy);
}

/** @type {T.OrderOf} */
export function orderOf(group, members, gestures) {
  /** @type {SecureElement[]} */
  const fields = [];
  /** @type {HTMLElement[]} */
  const stops = [];

  /** @param {Element} element */
  const visit = (element) => {
    const found = /** @type {SecureElement} */ (element);
    const isField = members.has(found);
    if (isField) fields.push(found);
    if (isField ? isStop(found, gestures) : isTabbable(element)) stops.push(found);
    if (!isField) for (const child of childrenOf(element)) visit(child);
  };
  for (const child of group.children) visit(child);

  const isFieldAt = (/** @type {number} */ at) => !(at in stops) || members.has(stops[at]);
  const edges = new Map();
  for (const [at, stop] of stops.entries()) {
    if (!members.has(stop)) continue;
    edges.set(stop, (isFieldAt(at - 1) ? 0 : BEFORE) + (isFieldAt(at + 1) ? 0 : AFTER));
  }
  const isReached = edges.size > 0;
  // A dialog that opens looks for its first stop before anything here has seen it open.
  for (const field of fields) {
    if (!edges.has(field) && isTyped(field)) edges.set(field, 0);
  }
  return { fields, stops, edges, isReached };
}

/** @param {Element} element */
const isTabbable = (element) =>
  element.matches(TABBABLE) && !element.matches(AWAY) && element.checkVisibility(SHOWN);

/** As they are rendered. @param {Element} element @returns {Iterable<Element>} */
function childrenOf(element) {
  if (element instanceof HTMLSlotElement) {
    const assigned = element.assignedElements();
    if (assigned.length) return assigned;
  }
  return (element.shadowRoot ?? element).children;
}
