/**
 * Forms with typed values: the `submit` event is held before anybody else hears it, the frames turn
 * their values into tokens, and the form is submitted anew. The application sees one submit, a
 * trusted one, with tokens; or none, where a value could not be stored.
 */

import { Problem } from "./page.js";

/** @import { Sealable } from "../types" */

const ROUNDS = 3; // of sealing, where the person goes on typing

/** @type {WeakSet<HTMLFormElement>} */
const held = new WeakSet();
/** @type {WeakSet<HTMLFormElement>} */
const released = new WeakSet();

/** @param {HTMLFormElement} form */
function pendingOf(form) {
  const fields = /** @type {Sealable[]} */ ([...form.elements]);
  return fields.filter((field) => field.pending && !field.matches(":disabled"));
}

/**
 * Have every typed value of a form stored, so that its `FormData` holds tokens. For code that reads
 * `FormData` by itself; rejects with a `Problem` (`code`, `message`, `docs`) where that failed.
 * @param {HTMLFormElement} form
 * @returns {Promise<void>}
 */
export async function ready(form) {
  for (let round = 0; round < ROUNDS; round += 1) {
    const outcomes = await Promise.allSettled(pendingOf(form).map((field) => field.tokenize()));
    const failed = outcomes.find((each) => each.status === "rejected");
    if (failed) throw failed.reason;
    if (pendingOf(form).length === 0) return;
  }
  throw new Problem("edited");
}

/**
 * Hear the submit events of a document or a shadow tree, out of which they don't come.
 * @param {Node} root
 */
export function holdSubmits(root) {
  (root === document ? window : root).addEventListener("submit", hold, true);
}

/** @param {Event} event */
function hold(event) {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || released.has(form)) return;
  const submitting = held.has(form);
  if (!submitting && pendingOf(form).length === 0) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  // A second click while the first is on its way is the same wish.
  if (!submitting) submit(form, /** @type {SubmitEvent} */ (event).submitter);
}

/**
 * @param {HTMLFormElement} form
 * @param {HTMLElement | null} submitter
 */
async function submit(form, submitter) {
  held.add(form);
  try {
    await ready(form);
  } catch {
    return; // each field that failed has said so itself
  } finally {
    held.delete(form);
  }
  released.add(form);
  try {
    // The button may have gone meanwhile.
    const submits = submitter?.isConnected && /** @type {HTMLButtonElement} */ (submitter).form === form;
    form.requestSubmit(submits ? submitter : null);
  } finally {
    released.delete(form);
  }
}

/**
 * Enter in a field: what the HTML standard calls implicit submission.
 * @param {HTMLFormElement | null} form
 */
export function submitImplicitly(form) {
  if (!form) return;
  const fields = [...form.elements];
  const button = fields.find((each) => each.matches("button:not([type=button i], [type=reset i]), input:is([type=submit i], [type=image i])"));
  if (button instanceof HTMLElement) button.click();
  else if (fields.filter(takesText).length < 2) form.requestSubmit();
}

/** @param {Element} field one that keeps Enter from submitting a form without a button, if it is not alone */
function takesText(field) {
  return field.matches("secure-input") ||
    (field instanceof HTMLInputElement && !/^(?:button|checkbox|color|file|hidden|image|radio|range|reset|submit)$/.test(field.type));
}
