/**
 * The validity that a form sees. Of a typed value it is what the frame found; of a stored one it is
 * "valid", always: an answer that hung on the value would give it away, bit by bit.
 */

const MISSING = "Please fill out this field.";

export class Validation {
  #host;
  #internals;
  #anchor;
  #typed = { flags: "", message: "" };
  #custom = "";
  #touched = false;

  /**
   * @param {import("./input.js").SecureInput} host
   * @param {ElementInternals} internals
   * @param {HTMLElement} anchor where the browser's own message points at
   */
  constructor(host, internals, anchor) {
    this.#host = host;
    this.#internals = internals;
    this.#anchor = anchor;
    host.addEventListener("invalid", () => this.touch());
  }

  /** The frame looked at what was typed. @param {{flags: string, message: string}} found */
  typed({ flags, message }) {
    this.#typed = { flags, message };
    this.#apply();
  }

  /** There is no frame yet, or it is gone: nothing typed. @param {boolean} filled by a stored value */
  untyped(filled) {
    const missing = !filled && this.#host.hasAttribute("required");
    this.typed(missing ? { flags: "valueMissing", message: MISSING } : { flags: "", message: "" });
  }

  /** @param {string} message empty for none */
  custom(message) {
    this.#custom = message;
    this.#apply();
  }

  /** The person is done with the field for now, so what is wrong may show. @param {boolean} on */
  touch(on = true) {
    this.#touched = on;
    this.#apply();
  }

  get shown() {
    return this.#touched && !this.#internals.validity.valid;
  }

  #apply() {
    const names = this.#typed.flags.split(" ").filter(Boolean);
    if (this.#custom) names.push("customError");
    const message = this.#custom || this.#typed.message || (names.length ? MISSING : "");
    this.#internals.setValidity(Object.fromEntries(names.map((name) => [name, true])), message, this.#anchor);
    this.#host.state("user-invalid", this.shown);
    this.#host.state("user-valid", this.#touched && !this.shown);
  }
}
