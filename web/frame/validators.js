/**
 * What a typed value may look like. A page names one of these or one that the tokenizer's operator
 * declared. It can't bring a pattern of its own, with which it could ask questions.
 */

import { settings } from "./channel.js";

/** @import { Validator } from "../types" */

/** @param {string} value */
const bare = (value) => value.replaceAll(/[ .()-]/g, "");

/**
 * Check the last digit of a card number (ISO/IEC 7812-1, annex B).
 * @param {string} digits
 */
function hasLuhnSum(digits) {
  const weighed = [...digits].reverse().map((digit, place) => Number(digit) * (place % 2 ? 2 : 1));
  return weighed.reduce((sum, each) => sum + (each > 9 ? each - 9 : each), 0) % 10 === 0;
}

/** @type {Record<string, Validator>} */
const builtIn = {
  ssn: {
    // Area 000, 666 and 900 to 999, group 00 and serial 0000 are never given out.
    accepts: (value) => /^(?!000|666|9)\d{3}([- ]?)(?!00)\d{2}\1(?!0000)\d{4}$/.test(value),
    message: "Enter a Social Security number, like 078-05-1120.",
    inputmode: "numeric",
  },
  ein: {
    // Prefixes that the IRS gives to no campus.
    accepts: (value) => /^(?!0[0789]|[127][89]|49|69|70|89|9[67])\d{2}-?\d{7}$/.test(value),
    message: "Enter an employer identification number, like 12-3456789.",
    inputmode: "numeric",
  },
  card: {
    accepts: (value) => /^\d{12,19}$/.test(bare(value)) && hasLuhnSum(bare(value)),
    message: "Enter a card number. One of its digits may be wrong.",
    inputmode: "numeric",
  },
  email: {
    // As <input type=email> does, and with a dot in the host's name.
    accepts: (value) => /^[\w.!#$%&'*+/=?^`{|}~-]{1,64}@(?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.){1,8}[a-z][a-z\d-]{0,61}[a-z\d]$/i.test(value),
    message: "Enter an email address, like name@example.com.",
    inputmode: "email",
  },
  phone: {
    // At most 15 digits (ITU-T E.164); under 7 is no subscriber's number.
    accepts: (value) => /^\+?[\d .()-]+$/.test(value) && /^\+?\d{7,15}$/.test(bare(value)),
    message: "Enter a phone number, like +1 202 555 0143.",
    inputmode: "tel",
  },
};

/**
 * Find a validator: the operator's, or else a built-in one. Undefined where nobody knows the name.
 * @param {string} name
 * @returns {Validator | undefined}
 */
export function validatorNamed(name, { validators } = settings) {
  if (!Object.hasOwn(validators, name)) return Object.hasOwn(builtIn, name) ? builtIn[name] : undefined;
  const { pattern = "", message = "" } = validators[name] ?? {};
  const whole = new RegExp(`^(?:${pattern})$`, "u");
  return { accepts: (value) => whole.test(value), message, inputmode: "" };
}
