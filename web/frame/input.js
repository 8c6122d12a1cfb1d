/** The document of `<secure-input>`: takes a value, seals it, and gives the page its token. */

import { codeOf, MAYBE_TOKEN, receive, REFERENCE, Refusal, settings } from "./channel.js";
import { seal } from "./envelope.js";
import { look, MASK, serveField, Stored, takeLook } from "./field.js";
import { validatorNamed } from "./validators.js";

const WORD = /^[a-z]{0,10}$/;
const options = {
  as: /^(?:text|password|tel|email|url|search)$/,
  inputmode: WORD,
  enterkeyhint: WORD,
  autocomplete: /^[a-z -]{1,80}$/,
  placeholder: 500,
  label: 1000,
  description: 1000,
  required: Boolean,
  disabled: Boolean,
  readonly: Boolean,
  invalid: Boolean,
  maxlength: Number, // 0 for none
  minlength: Number,
};
const fromPage = { options, prefill: { token: MAYBE_TOKEN }, tokenize: { id: 36 }, look, focus: {} };
const FLAGS = /** @type {const} */ (["valueMissing", "typeMismatch", "tooLong", "tooShort"]);

serveField({ session: REFERENCE, validator: /^[a-z0-9-]{0,32}$/ }, (hello, link, page) => {
  const validator = validatorNamed(hello.validator);
  const bound = { application: settings.application, kind: (validator && hello.validator) || "text" };
  let edits = 0;
  let changed = false;

  const entry = new Entry(() => {
    edits += 1;
    changed = true;
    stored.forget();
    tellValidity();
    page.postMessage({ type: "input", autofilled: input.matches(":autofill") });
  });
  const { input } = entry;
  const mask = () => entry.stored && entry.show();

  const stored = new Stored(link, {
    shown(value) {
      entry.show(value);
      if (settings.remask_after) setTimeout(mask, settings.remask_after * 1000);
      page.postMessage({ type: "ready" });
    },
    failed: (code) => page.postMessage({ type: "error", code }),
    expired() {
      mask();
      page.postMessage({ type: "expired" });
    },
  });

  /** Of a stored value, whatever it is, only this: there is one. */
  const tellValidity = () => page.postMessage({
    type: "validity", ...(entry.stored ? { empty: false, flags: "", message: "" } : typedValidity()),
  });
  const typedValidity = () => {
    const { value, validity, validationMessage } = input;
    const flags = FLAGS.filter((each) => validity[each]).join(" ");
    const refused = value !== "" && !flags && validator?.accepts(value) === false;
    const message = refused ? validator.message : flags && validationMessage;
    return { empty: value === "", flags: refused ? "patternMismatch" : flags, message: message.slice(0, 500) };
  };

  const tellChange = () => {
    if (changed) page.postMessage({ type: "change" });
    changed = false;
  };
  input.addEventListener("change", tellChange);
  input.addEventListener("keydown", (event) => {
    // Enter that ends a composition is not meant for the form.
    if (event.key !== "Enter" || event.isComposing) return;
    tellChange();
    page.postMessage({ type: "enter" });
  });

  /** Seal and store until it is what still stands in the box. @returns {Promise<string>} */
  const tokenize = async () => {
    const before = edits;
    if (entry.stored || input.value === "") throw new Refusal("edited");
    const token = await link.store({ ...(await seal(input.value, bound)), kind: bound.kind });
    return before === edits ? token : tokenize();
  };

  receive(page, fromPage, {
    options(told) {
      applyOptions(input, told);
      input.inputMode ||= validator?.inputmode ?? "";
      tellValidity();
    },
    prefill({ token }) {
      stored.forget();
      entry.clear();
      if (token) entry.show();
      // Where a gesture is demanded, a field is replaced whole or left as it is, and shows nothing.
      if (token && settings.reveal === "always") stored.show(token);
      else page.postMessage({ type: "ready" });
      tellValidity();
    },
    tokenize: ({ id }) => tokenize().then(
      (token) => page.postMessage({ type: "token", id, token }),
      (error) => page.postMessage({ type: "refused", id, code: codeOf(error) }),
    ),
    look: takeLook,
    focus: () => input.focus(),
  });
  document.body.replaceChildren(input);
  // A value that nobody checks is not what the page asked for: it is not taken at all.
  if (hello.validator && !validator) {
    document.body.inert = true;
    page.postMessage({ type: "error", code: "validator_unknown" });
  }
  return {
    focus: () => input.focus(),
    wipe() {
      stored.forget();
      entry.clear();
    },
  };
});

/**
 * @param {HTMLInputElement} input
 * @param {Parameters<import("../types").Handlers<typeof fromPage>["options"]>[0]} told
 */
function applyOptions(input, told) {
  const { as: type, placeholder, required, disabled, readonly: readOnly } = told;
  Object.assign(input, { type, placeholder, required, disabled, readOnly });
  document.title = told.label;
  const attributes = {
    inputmode: told.inputmode,
    enterkeyhint: told.enterkeyhint,
    "aria-label": told.label,
    "aria-description": told.description,
    "aria-invalid": told.invalid && "true",
    maxlength: told.maxlength,
    minlength: told.minlength,
    autocomplete: told.autocomplete,
    // What completes, checks or corrects may send what is typed to somebody.
    spellcheck: "false",
    writingsuggestions: "false",
    autocorrect: "off",
    autocapitalize: "off",
  };
  for (const [name, value] of Object.entries(attributes)) {
    if (value) input.setAttribute(name, String(value));
    else input.removeAttribute(name);
  }
}

/**
 * The text box. What the page may learn hangs on one thing alone: the value is *stored* (a token's,
 * shown or masked: nothing is told of it) or *typed* (told like a native field's). The first edit
 * removes a stored value whole, so no typed one has any part of it.
 */
class Entry {
  stored = false;
  input = document.createElement("input");
  #edited;

  /** @param {() => void} edited the person changed the value */
  constructor(edited) {
    const { input } = this;
    this.#edited = edited;
    input.addEventListener("beforeinput", (event) => this.#replace(event));
    input.addEventListener("input", () => this.#take());
    for (const type of ["copy", "cut"]) {
      // The page could read the clipboard, or have the value pasted into a field of its own.
      input.addEventListener(type, (event) => this.stored && event.preventDefault());
    }
    input.addEventListener("focus", () => this.stored && input.select());
  }

  /** Show a stored value, or its mask. */
  show(value = MASK) {
    this.stored = true;
    this.input.value = value;
  }

  clear() {
    this.stored = false;
    this.input.value = "";
  }

  /** @param {InputEvent} event */
  #replace(event) {
    if (!this.stored) return;
    this.clear();
    if (!/^(?:delete|history)/.test(event.inputType)) return;
    // Deleting a part deletes all, and undoing has nothing left to work on.
    event.preventDefault();
    this.#edited();
  }

  #take() {
    // Unannounced: a browser's own filling replaces the whole; what else does may leave a part.
    if (this.stored && !this.input.matches(":autofill")) this.clear();
    this.stored = false;
    this.#edited();
  }
}
