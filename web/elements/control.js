/** What scripts and forms expect of a control, whatever is in it, and the validity that they see. */

import { SecureElement } from "./element.js";
import { describe } from "./host.js";

const MISSING = "Please fill out this field.";
const TYPES = /^(?:text|password|tel|email|url|search)$/;

/** @abstract */
export class Control extends SecureElement {
  #found = { flags: "", message: "" };
  #custom = "";
  #touched = false;

  constructor() {
    super("input");
    this.addEventListener("invalid", () => this.touch());
  }

  /** The value: a token, or "" where the field is empty or what was typed has no token yet. */
  get value() {
    return "";
  }

  get defaultValue() {
    return this.getAttribute("token") ?? "";
  }

  set defaultValue(token) {
    this.setAttribute("token", token);
  }

  get type() {
    return this.localName;
  }

  get validity() {
    return this.internals.validity;
  }

  get validationMessage() {
    return this.internals.validationMessage;
  }

  get willValidate() {
    return this.internals.willValidate;
  }

  checkValidity() {
    return this.internals.checkValidity();
  }

  reportValidity() {
    return this.internals.reportValidity();
  }

  /** @param {string} message empty for none */
  setCustomValidity(message) {
    this.#custom = message;
    this.judged(this.#found);
  }

  /**
   * What the frame found about a typed value. Of a stored one it is always nothing: an answer that
   * hung on the value would give it away, bit by bit.
   * @param {{flags: string, message: string}} found
   */
  judged(found) {
    this.#found = found;
    const names = found.flags.split(" ").concat(this.#custom && "customError").filter(Boolean);
    const message = this.#custom || found.message || (names.length ? MISSING : "");
    this.internals.setValidity(Object.fromEntries(names.map((name) => [name, true])), message, this.box);
    this.state("user-invalid", this.#shownInvalid);
    this.state("user-valid", this.#touched && !this.#shownInvalid);
  }

  /** Nothing is typed, or there is no frame that would know. */
  judgedUntyped() {
    const missing = this.hasAttribute("required") && !this.value;
    this.judged({ flags: missing ? "valueMissing" : "", message: "" });
  }

  /** The person is done with the field for now, so what is wrong may show. */
  touch(on = true) {
    this.#touched = on;
    this.judged(this.#found);
    super.attributeChangedCallback();
  }

  get #shownInvalid() {
    return this.#touched && !this.validity.valid;
  }

  /** The attributes, as the frame takes them: known words, bounded texts and numbers. @override */
  options() {
    /** @param {string} name @param {RegExp} pattern */
    const word = (name, pattern, otherwise = "") => {
      const value = this.getAttribute(name)?.trim().toLowerCase() ?? "";
      return pattern.test(value) ? value : otherwise;
    };
    return {
      as: word("type", TYPES, "text"),
      inputmode: word("inputmode", /^[a-z]{1,10}$/),
      enterkeyhint: word("enterkeyhint", /^[a-z]{1,10}$/),
      autocomplete: word("autocomplete", /^[a-z -]{1,80}$/, "off"),
      placeholder: (this.getAttribute("placeholder") ?? "").slice(0, 500),
      ...describe(this, this.internals),
      required: this.hasAttribute("required"),
      disabled: this.matches(":disabled"),
      readonly: this.hasAttribute("readonly"),
      invalid: this.#shownInvalid || this.ariaInvalid === "true",
      maxlength: Number(word("maxlength", /^\d{1,9}$/)),
      minlength: Number(word("minlength", /^\d{1,9}$/)),
    };
  }
}

// Attributes that scripts set as properties, as they do on <input>.
for (const [property, type] of Object.entries({ disabled: false, required: false, readOnly: false, name: "", placeholder: "" })) {
  const attribute = property.toLowerCase();
  Object.defineProperty(Control.prototype, property, typeof type === "string" ? {
    get() { return this.getAttribute(attribute) ?? ""; },
    set(value) { this.setAttribute(attribute, value); },
  } : {
    get() { return this.hasAttribute(attribute); },
    set(value) { this.toggleAttribute(attribute, Boolean(value)); },
  });
}
