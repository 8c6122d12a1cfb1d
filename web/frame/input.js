/** The document of `<secure-input>`: takes a value, seals it, and gives the page its token. */

import { count, flag, matching, maybeToken, receive, reference, text } from "./channel.js";
import { Entry } from "./entry.js";
import { seal } from "./envelope.js";
import { serveField, styled, takeLook } from "./field.js";
import { readSettings } from "./settings.js";
import { Stored } from "./stored.js";
import { Refusal } from "./tokenizer.js";
import { validatorNamed } from "./validators.js";

const settings = readSettings();
const name = matching(/^(?:[a-z][a-z0-9-]{0,31})?$/);
const options = {
  type: matching(/^(?:text|password|tel|email|url|search)$/),
  inputmode: matching(/^[a-z]{0,10}$/),
  enterkeyhint: matching(/^[a-z]{0,10}$/),
  autocomplete: matching(/^[a-z -]{0,80}$/),
  placeholder: text(500),
  label: text(1000),
  description: text(1000),
  required: flag,
  disabled: flag,
  readonly: flag,
  invalid: flag,
  maxlength: count, // 0 for none
  minlength: count,
};
const fromPage = {
  options,
  prefill: { token: maybeToken },
  tokenize: { id: text(36) },
  look: styled,
  focus: {},
};

serveField(settings, { session: reference, validator: name }, (hello, link, page) => {
  const validator = validatorNamed(hello.validator, settings.validators);
  const kind = (validator && hello.validator) || "text";
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

  const stored = new Stored(link, settings.application, {
    shown(value) {
      entry.showStored(value);
      // Nobody's gesture uncovers a field again; it is replaced as a whole, or left as it is.
      if (settings.remask_after) setTimeout(mask, settings.remask_after * 1000);
      page.postMessage({ type: "ready" });
    },
    failed: (code) => page.postMessage({ type: "error", code }),
    expired() {
      mask();
      page.postMessage({ type: "expired" });
    },
  });
  const mask = () => entry.stored && entry.showStored();

  const tellValidity = () => {
    // Of a stored value, whatever it is, only this: there is one.
    const message = entry.stored ? { empty: false, flags: "", message: "" } : typedValidity();
    page.postMessage({ type: "validity", ...message });
  };
  const typedValidity = () => {
    const { value, validity, validationMessage } = input;
    const flags = ["valueMissing", "typeMismatch", "tooLong", "tooShort"];
    const raised = flags.filter((each) => validity[/** @type {keyof ValidityState} */ (each)]);
    const refused = value !== "" && raised.length === 0 && validator?.accepts(value) === false;
    if (refused) raised.push("patternMismatch");
    const message = refused ? validator.message : raised.length ? validationMessage : "";
    return { empty: value === "", flags: raised.join(" "), message: message.slice(0, 500) };
  };

  const tellChange = () => {
    if (changed) page.postMessage({ type: "change" });
    changed = false;
  };
  input.addEventListener("change", tellChange);
  input.addEventListener("keydown", (event) => {
    // Enter that ends a composition is not meant for the form.
    if (event.key !== "Enter" || event.isComposing || !event.isTrusted) return;
    tellChange();
    page.postMessage({ type: "enter" });
  });

  /** Seal and store until it is what still stands in the box. @returns {Promise<string>} */
  const tokenize = async () => {
    const before = edits;
    if (entry.stored || input.value === "") throw new Refusal("edited");
    const token = await link.store({ ...(await seal(input.value, bound)), kind });
    return before === edits ? token : tokenize();
  };
  const bound = { application: settings.application, kind };

  receive(page, fromPage, {
    options(told) {
      applyOptions(input, told, validator?.inputmode);
      tellValidity();
    },
    prefill({ token }) {
      stored.forget();
      entry.clear();
      if (token) entry.showStored();
      if (token && settings.reveal === "always") stored.show(token);
      else page.postMessage({ type: "ready" });
      tellValidity();
    },
    async tokenize({ id }) {
      try {
        page.postMessage({ type: "token", id, token: await tokenize() });
      } catch (error) {
        const code = error instanceof Refusal ? error.code : error instanceof RangeError ? "too_large" : "internal";
        page.postMessage({ type: "refused", id, code });
      }
    },
    look: takeLook,
    focus: () => input.focus(),
  });
  document.body.replaceChildren(input);
  page.postMessage({ type: "usable" });
  if (hello.validator && !validator) page.postMessage({ type: "error", code: "validator_unknown" });

  return {
    focus: () => input.focus(),
    wipe() {
      stored.forget();
      entry.clear();
      edits += 1;
    },
  };
});

/**
 * @param {HTMLInputElement} input
 * @param {import("./channel.js").Fields<typeof options>} told
 * @param {string} inputmode of the validator
 */
function applyOptions(input, told, inputmode = "") {
  input.type = told.type;
  input.placeholder = told.placeholder;
  input.required = told.required;
  input.disabled = told.disabled;
  input.readOnly = told.readonly;
  input.inputMode = told.inputmode || inputmode;
  input.enterKeyHint = told.enterkeyhint;
  input.ariaInvalid = String(told.invalid);
  input.ariaLabel = told.label;
  setOrRemove(input, "aria-description", told.description);
  setOrRemove(input, "maxlength", told.maxlength ? String(told.maxlength) : "");
  setOrRemove(input, "minlength", told.minlength ? String(told.minlength) : "");
  input.setAttribute("autocomplete", told.autocomplete || "off");
  // Services that complete, correct or check what is typed send it somewhere.
  for (const name of ["spellcheck", "writingsuggestions"]) input.setAttribute(name, "false");
  for (const name of ["autocorrect", "autocapitalize"]) input.setAttribute(name, "off");
  document.title = told.label;
}

/**
 * @param {Element} element
 * @param {string} name
 * @param {string} value empty for none
 */
function setOrRemove(element, name, value) {
  if (value) element.setAttribute(name, value);
  else element.removeAttribute(name);
}
