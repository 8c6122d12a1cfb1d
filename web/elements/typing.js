/** What typed values do to the page around their field; loaded when somebody is in one. */

import { ask, codeOf, TOKEN } from "../frame/messages.js";
import { pendingOf, released } from "./control.js";
import { messages, Problem } from "./page.js";

const PATIENCE = 30_000; // milliseconds
const ROUNDS = 3; // of sealing, where the person goes on typing

messages.typing_lost ??= "What was typed is gone. Type it again.";
messages.tags_malformed ??= "Can’t be saved here";

/**
 * The token of what stands in a field, or say in the field why there is none. Undefined where it was
 * set or reset meanwhile. @type {T.TokenFor}
 */
export async function tokenFor(field, isOver) {
  if (isOver()) return undefined;
  field.recovered();
  const { promise: never, reject } = Promise.withResolvers();
  field.giveUp = () => reject(new Problem("unavailable"));
  const timer = setTimeout(field.giveUp, field.port ? PATIENCE : 0);
  try {
    const shape = { token: TOKEN, edits: Number };
    const asked = field.port ? ask(field.port, { type: "tokenize" }, shape) : never;
    const made = await Promise.race([asked, never]);
    return isOver() ? undefined : made;
  } catch (error) {
    if (isOver() && !(error instanceof Problem)) return undefined;
    const problem = error instanceof Problem ? error : new Problem(codeOf(error));
    field.fail(problem);
    throw problem;
  } finally {
    clearTimeout(timer);
  }
}

/** For code that reads `FormData` by itself. @param {HTMLFormElement} form */
export async function ready(form) {
  for (let round = 0; round < ROUNDS; round += 1) {
    const pending = pendingOf(form);
    if (!pending.length) return;
    await Promise.all(pending.map((field) => field.tokenize()));
  }
  if (pendingOf(form).length) throw new Problem("edited");
}

/** @type {WeakSet<HTMLFormElement>} */
const held = new WeakSet();

/** @type {(form: HTMLFormElement, submitter: any) => Promise<void>} */
export async function submit(form, submitter) {
  // A second click while the first is on its way is the same wish.
  if (held.has(form)) return;
  held.add(form);
  try {
    await ready(form);
  } catch {
    return; // each field that failed says so
  } finally {
    held.delete(form);
  }
  released.add(form);
  try {
    // The button may have gone meanwhile.
    form.requestSubmit(submitter?.isConnected && submitter.form === form ? submitter : null);
  } finally {
    released.delete(form);
  }
}

const BUTTONS =
  "button:not([type=button i], [type=reset i]), input:is([type=submit i], [type=image i])";
const TEXTLESS = /^(?:button|checkbox|color|file|hidden|image|radio|range|reset|submit)$/;

/** Enter in a field, as the HTML standard has it. @param {HTMLFormElement | null} form */
export function submitImplicitly(form) {
  if (!form) return;
  const fields = /** @type {HTMLInputElement[]} */ ([...form.elements]);
  const button = fields.find((each) => each.matches(BUTTONS));
  const typed = fields.filter(
    (each) => each.matches("input, secure-input") && !TEXTLESS.test(each.type),
  );
  if (button) button.click();
  else if (typed.length < 2) form.requestSubmit();
}

/** The page's handlers hear of it, and the dialog that it would close. @param {HTMLElement} host */
export function pressEscape(host) {
  const key = { key: "Escape", code: "Escape", bubbles: true, composed: true, cancelable: true };
  if (!host.dispatchEvent(new KeyboardEvent("keydown", key))) return;
  const dialog = /** @type {HTMLDialogElement | null} */ (host.closest("dialog:modal"));
  if (dialog?.dispatchEvent(new Event("cancel", { cancelable: true }))) dialog.close();
}
