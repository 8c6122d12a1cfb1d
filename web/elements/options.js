/** An input's attributes as its frame takes them: known words, bounded texts and numbers. */

import { describe } from "./description.js";

const TYPES = ["text", "password", "tel", "email", "url", "search"];

/**
 * @param {import("./input.js").SecureInput} host
 * @param {ElementInternals} internals
 * @param {boolean} shownInvalid
 */
export function inputOptions(host, internals, shownInvalid) {
  /** @param {string} name @param {RegExp} pattern */
  const word = (name, pattern) => {
    const value = (host.getAttribute(name) ?? "").trim().toLowerCase();
    return pattern.test(value) ? value : "";
  };
  /** @param {string} name */
  const limit = (name) => {
    const value = Math.floor(Number(host.getAttribute(name)));
    return value > 0 && Number.isSafeInteger(value) ? value : 0;
  };
  const type = word("type", /^[a-z]+$/);
  return {
    type: TYPES.includes(type) ? type : "text",
    inputmode: word("inputmode", /^[a-z]{1,10}$/),
    enterkeyhint: word("enterkeyhint", /^[a-z]{1,10}$/),
    autocomplete: word("autocomplete", /^[a-z -]{1,80}$/),
    placeholder: host.placeholder.slice(0, 500),
    ...describe(host, internals),
    required: host.required,
    disabled: host.matches(":disabled"),
    readonly: host.readOnly,
    invalid: shownInvalid || host.getAttribute("aria-invalid") === "true",
    maxlength: limit("maxlength"),
    minlength: limit("minlength"),
  };
}
