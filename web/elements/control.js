/** What scripts and forms expect of a control. */

import { SecureElement, typing } from "./element.js";
import { describe } from "./host.js";

const WORD = /^[a-z]{1,10}$/;

/** @abstract */
export class Control extends SecureElement {
  #found = { flags: "", message: "" };
  #custom = "";
  #touched = false;

  constructor(role = "input") {
    super(role, true);
    this.addEventListener("invalid", () => this.touch());
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
    this.touch(this.#touched);
  }

  judged(found = this.#found) {
    this.#found = found;
    const names = `${found.flags} ${this.#custom && "customError"}`.split(" ").filter(Boolean);
    const flags = Object.fromEntries(names.map((name) => [name, true]));
    const message =
      this.#custom || found.message || (names.length ? "Please fill out this field." : "");
    this.internals.setValidity(flags, message, this.box);
    this.state("user-invalid", this.#touched && names.length > 0);
  }

  /** @param {boolean} empty */
  judgedUntyped(empty) {
    const missing = empty && this.hasAttribute("required");
    this.judged({ flags: missing ? "valueMissing" : "", message: "" });
  }

  /** What is wrong may show. */
  touch(on = true) {
    this.#touched = on;
    this.judged();
    super.attributeChangedCallback();
  }

  /** @type {(name: string, pattern: RegExp, otherwise?: string) => string} */
  word(name, pattern, otherwise = "") {
    const value = this.getAttribute(name)?.trim().toLowerCase() ?? "";
    return pattern.test(value) ? value : otherwise;
  }

  /** @returns {Record<string, any>} */
  options() {
    return {
      ...describe(this),
      inputmode: this.word("inputmode", WORD),
      enterkeyhint: this.word("enterkeyhint", WORD),
      autocomplete: this.word("autocomplete", /^[a-z\d -]{1,80}$/),
      placeholder: (this.getAttribute("placeholder") ?? "").slice(0, 500),
      tags: (this.getAttribute("tags") ?? "").slice(0, 500),
      required: this.hasAttribute("required"),
      disabled: this.matches(":disabled"),
      readonly: this.hasAttribute("readonly"),
      invalid: this.#touched ? this.internals.validationMessage.slice(0, 500) : "",
      maxlength: Number(this.word("maxlength", /^\d{1,9}$/)),
      minlength: Number(this.word("minlength", /^\d{1,9}$/)),
    };
  }
}

for (const name of ["form", "labels", "validity", "validationMessage", "willValidate"]) {
  Object.defineProperty(Control.prototype, name, {
    /** @this {any} */
    get() {
      return this.internals[name];
    },
    /** As React does. @this {any} */
    set(value) {
      this.setAttribute(name, value);
    },
  });
}

/** Give a class properties that stand for attributes. @type {T.Reflect} */
export function reflect({ prototype }, names, read, named = "") {
  for (const name of names.split(" ")) {
    const attribute = named || name;
    Object.defineProperty(prototype, name, {
      /** @this {Control} */
      get() {
        return read(this.getAttribute(attribute));
      },
      /** @this {Control} */
      set(value) {
        if (read(null) === false) this.toggleAttribute(attribute, Boolean(value));
        else if ((value ?? null) === null) this.removeAttribute(attribute);
        else this.setAttribute(attribute, value);
      },
    });
  }
}
reflect(Control, "disabled required readOnly", (value) => value !== null);
reflect(Control, "name placeholder autocomplete tags", (value) => value ?? "");
reflect(Control, "defaultValue", (value) => value ?? "", "token");
reflect(Control, "maxLength minLength", (value) =>
  /^\d+$/.test(value ?? "") ? Number(value) : -1,
);

// Submits wait until values have tokens.

/** Whose submit may pass. @type {WeakSet<HTMLFormElement>} */
export const released = new WeakSet();

/** @param {HTMLFormElement} form */
export const pendingOf = (form) =>
  /** @type {T.Sealable[]} */ ([...form.elements]).filter(
    (field) => field.pending && !field.matches(":disabled"),
  );

/** They don't leave a shadow tree. @param {Node} root */
export const holdSubmits = (root) =>
  (root === document ? window : root).addEventListener("submit", hold, true);

/** @param {Event} event */
function hold(event) {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || released.has(form)) return;
  const pending = pendingOf(form);
  if (!pending.length) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const { submitter } = /** @type {SubmitEvent} */ (event);
  typing().then(
    ({ submit }) => submit(form, submitter),
    (problem) => {
      for (const field of pending) field.fail(problem);
    },
  );
}
