/**
 * The document of `<secure-input>`. The page is told nothing of a *stored* value, of a typed one what
 * a native field tells, until it has a token. The first edit removes a stored one whole. It is over
 * the box, not in it: a page scrolls along with a caret, by as much as a value is wide.
 */

import {
  answer,
  ask,
  MAYBE_TOKEN,
  REFERENCE,
  Refusal,
  receive,
  settings,
  TOKEN,
  validatorNamed,
} from "./channel.js";
import { follow, look, MASK, seal, serveField, takeLook } from "./field.js";

/** @import * as T from "../types" */

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
const fromPage = { options, prefill: { token: MAYBE_TOKEN }, tokenize: {}, look, focus: {} };
const FLAGS = /** @type {const} */ (["valueMissing", "typeMismatch", "tooLong", "tooShort"]);
const NOTHING = { empty: false, flags: "", message: "" };

serveField({ session: REFERENCE, validator: /^[a-z\d-]{0,32}$/ }, (hello, page, link) => {
  const validator = validatorNamed(hello.validator);
  const kind = (validator && hello.validator) || "text";
  const input = document.createElement("input");
  const drawn = document.createElement("span");
  drawn.id = "stored";
  document.body.replaceChildren(input, drawn);
  let isStored = false;
  let edits = 0;
  let changed = false;

  /** @param {string} value */
  const draw = (value) => {
    isStored = value !== "";
    input.value = "";
    drawn.textContent = value && input.type === "password" ? MASK : value;
    input.setAttribute("aria-describedby", value && drawn.id);
  };
  const clear = () => {
    stored.forget();
    draw("");
  };
  const mask = () => {
    if (isStored) draw(MASK);
  };
  const stored = follow(link, {
    shown(value) {
      draw(value || MASK);
      if (settings.remask_after) setTimeout(mask, settings.remask_after * 1000);
      page.postMessage({ type: "ready" });
    },
    failed: (code) => page.postMessage({ type: "error", code }),
    expired() {
      mask();
      page.postMessage({ type: "expired" });
    },
  });

  const typedValidity = () => {
    const { value, validity, validationMessage } = input;
    const flags = FLAGS.filter((each) => validity[each]).join(" ");
    const refused = value && !flags && !(validator?.accepts(value) ?? true);
    return {
      empty: value === "",
      flags: refused ? "patternMismatch" : flags,
      message: (refused ? (validator?.message ?? "") : flags && validationMessage).slice(0, 500),
    };
  };
  const tellValidity = () =>
    page.postMessage({ type: "validity", ...(isStored ? NOTHING : typedValidity()) });

  const edited = () => {
    edits += 1;
    changed = true;
    tellValidity();
    page.postMessage({ type: "input", autofilled: input.matches(":autofill") });
  };
  input.addEventListener("beforeinput", (event) => {
    if (isStored && event.inputType.startsWith("history")) event.preventDefault();
    else if (isStored) clear();
  });
  input.addEventListener("input", () => {
    stored.forget();
    if (isStored) {
      const { value } = input;
      draw("");
      input.value = value;
    }
    edited();
  });

  const tellChange = () => {
    if (changed) page.postMessage({ type: "change" });
    changed = false;
  };
  input.addEventListener("change", tellChange);
  input.addEventListener("keydown", (event) => {
    if (isStored && !input.readOnly && /^(?:Backspace|Delete)$/.test(event.key)) {
      clear();
      edited();
    }
    if (event.key !== "Enter" || event.isComposing) return;
    tellChange();
    page.postMessage({ type: "enter" });
  });

  /** Until it is what still stands in the box. @returns {Promise<{token: string}>} */
  const tokenize = async () => {
    if (isStored || !input.value) throw new Refusal("edited");
    const before = edits;
    const sealed = await seal(input.value, { application: settings.application, kind });
    const made = await ask(link, { type: "store", ...sealed, kind }, { token: TOKEN });
    if (before !== edits) return tokenize();
    draw(input.value);
    return made;
  };

  receive(page, fromPage, {
    options(told) {
      applyOptions(input, told, validator?.inputmode);
      tellValidity();
    },
    prefill({ token }) {
      stored.forget();
      draw(token && MASK);
      if (isStored && settings.reveal === "always") stored.show(token);
      else page.postMessage({ type: "ready" });
      tellValidity();
    },
    tokenize: (_, reply) => answer(reply, tokenize()),
    look: takeLook,
    focus: () => input.focus({ preventScroll: true }),
  });
  if (hello.validator && !validator) {
    document.body.inert = true;
    page.postMessage({ type: "error", code: "validator_unknown" });
  }
  return { focus: () => input.focus({ preventScroll: true }), wipe: clear };
});

/** @type {(input: HTMLInputElement, told: T.Fields<typeof options>, inputmode?: string) => void} */
function applyOptions(input, told, inputmode = "") {
  const { as: type, placeholder, required, disabled, readonly: readOnly } = told;
  Object.assign(input, { type, placeholder, required, disabled, readOnly });
  document.title = told.label;
  const attributes = {
    inputmode: told.inputmode || inputmode,
    enterkeyhint: told.enterkeyhint,
    maxlength: told.maxlength,
    minlength: told.minlength,
    autocomplete: told.autocomplete,
    "aria-label": told.label,
    "aria-description": told.description,
    "aria-invalid": told.invalid,
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
