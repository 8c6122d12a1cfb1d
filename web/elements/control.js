/** What scripts and forms expect of a control: its members, its validity, and to be submitted. */

import { SecureElement } from "./element.js";
import { describe } from "./host.js";
import { Problem } from "./page.js";

/** @import * as T from "../types" */

const MISSING = "Please fill out this field.";
const ROUNDS = 3; // of sealing, where the person goes on typing

/** @abstract */
export class Control extends SecureElement {
  #found = { flags: "", message: "" };
  #custom = "";
  #touched = false;

  constructor() {
    super("input");
    this.addEventListener("invalid", () => this.touch());
  }

  get type() {
    return this.localName;
  }

  checkValidity() {
    return this.internals.checkValidity();
  }

  reportValidity() {
    return this.internals.reportValidity();
  }

  /** @param {string} message */
  setCustomValidity(message) {
    this.#custom = message;
    this.judged();
  }

  judged(found = this.#found) {
    this.#found = found;
    const names = `${found.flags} ${this.#custom && "customError"}`.split(" ").filter(Boolean);
    const flags = Object.fromEntries(names.map((name) => [name, true]));
    const message = this.#custom || found.message || (names.length ? MISSING : "");
    this.internals.setValidity(flags, message, this.box);
    this.state("user-invalid", this.#touched && names.length > 0);
  }

  /** @param {boolean} empty as nothing was typed */
  judgedUntyped(empty) {
    const missing = empty && this.hasAttribute("required");
    this.judged({ flags: missing ? "valueMissing" : "", message: "" });
  }

  /** The person was here, so what is wrong may show. */
  touch(on = true) {
    this.#touched = on;
    this.judged();
    super.attributeChangedCallback();
  }

  options() {
    /** @type {(name: string, pattern: RegExp, otherwise?: string) => string} */
    const word = (name, pattern, otherwise = "") => {
      const value = this.getAttribute(name)?.trim().toLowerCase() ?? "";
      return pattern.test(value) ? value : otherwise;
    };
    return {
      ...describe(this, this.internals),
      as: word("type", /^(?:text|password|tel|email|url|search)$/, "text"),
      inputmode: word("inputmode", /^[a-z]{1,10}$/),
      enterkeyhint: word("enterkeyhint", /^[a-z]{1,10}$/),
      autocomplete: word("autocomplete", /^[a-z -]{1,80}$/, "off"),
      placeholder: (this.getAttribute("placeholder") ?? "").slice(0, 500),
      required: this.hasAttribute("required"),
      disabled: this.matches(":disabled"),
      readonly: this.hasAttribute("readonly"),
      invalid: this.#touched && !this.internals.validity.valid,
      maxlength: Number(word("maxlength", /^\d{1,9}$/)),
      minlength: Number(word("minlength", /^\d{1,9}$/)),
    };
  }
}

// The properties of <input>.
for (const name of ["form", "labels", "validity", "validationMessage", "willValidate"]) {
  Object.defineProperty(Control.prototype, name, {
    /** @this {any} */
    get() {
      return this.internals[name];
    },
  });
}
for (const name of ["disabled", "required", "readOnly", "name", "placeholder", "defaultValue"]) {
  const attribute = name === "defaultValue" ? "token" : name;
  const isText = /^(?:name|placeholder|token)$/.test(attribute);
  Object.defineProperty(Control.prototype, name, {
    /** @this {Control} */
    get() {
      return isText ? (this.getAttribute(attribute) ?? "") : this.hasAttribute(attribute);
    },
    /** @this {Control} */
    set(value) {
      if (isText) this.setAttribute(attribute, value);
      else this.toggleAttribute(attribute, Boolean(value));
    },
  });
}

// `submit` is held before anybody else hears it, and done anew when all values have tokens. So the
// application sees one submit, a trusted one, or none.

/** @type {WeakSet<HTMLFormElement>} */
const held = new WeakSet();
/** @type {WeakSet<HTMLFormElement>} */
const released = new WeakSet();

/** @param {HTMLFormElement} form */
const pendingOf = (form) =>
  /** @type {T.Sealable[]} */ ([...form.elements]).filter(
    (field) => field.pending && !field.matches(":disabled"),
  );

/** For code that reads `FormData` by itself. @param {HTMLFormElement} form */
export async function ready(form) {
  for (let round = 0; round < ROUNDS; round += 1) {
    const pending = pendingOf(form);
    if (!pending.length) return;
    await Promise.all(pending.map((field) => field.tokenize()));
  }
  if (pendingOf(form).length) throw new Problem("edited");
}

/** Hear the submits of a document, or of a shadow tree: they don't leave it. @param {Node} root */
export const holdSubmits = (root) =>
  (root === document ? window : root).addEventListener("submit", hold, true);

/** @param {Event} event */
function hold(event) {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || released.has(form)) return;
  // A second click while the first is on its way is the same wish.
  const again = held.has(form);
  if (!again && !pendingOf(form).length) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (!again) submit(form, /** @type {SubmitEvent} */ (event).submitter);
}

/** @type {(form: HTMLFormElement, submitter: any) => Promise<void>} */
async function submit(form, submitter) {
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
