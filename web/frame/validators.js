/** What people may type where a page names a validator; loaded where one does. */

import { brandOf } from "./cards.js";
import { settings } from "./channel.js";
import { checksums } from "./checksums.js";
import { placesOf } from "./masks.js";

/** @param {string} value */
const bare = (value) => value.replaceAll(/[ .()-]/g, "");

/** @type {(name: string, value: string) => boolean} */
const hasSum = (name, value) => checksums[name]?.(bare(value).toUpperCase()) ?? false;

/** A day that there is, as ISO 8601 writes it. @param {string} value */
function isDate(value) {
  if (!/^\d{4}-\d\d-\d\d$/.test(value)) return false;
  const date = new Date(`${value}T00:00Z`);
  return (
    !value.startsWith("0000") && date.getTime() > -Infinity && date.toISOString().startsWith(value)
  );
}

/** @param {string} value */
function isCard(value) {
  const digits = bare(value);
  return (
    /^\d+$/.test(digits) &&
    brandOf(digits).lengths.includes(digits.length) &&
    hasSum("luhn", digits)
  );
}

/** @type {Record<string, T.Validator>} */
const builtIn = {
  ssn: {
    // 000, 666, 900 to 999, 00 and 0000 are never given out.
    accepts: (value) => /^(?!000|666|9)\d{3}([- ]?)(?!00)\d{2}\1(?!0000)\d{4}$/.test(value),
    message: "Enter a Social Security number, like 078-05-1120.",
    mask: "ssn",
  },
  ein: {
    accepts: (value) => /^(?!0[0789]|[127][89]|49|69|70|89|9[67])\d{2}-?\d{7}$/.test(value),
    message: "Enter an employer identification number, like 12-3456789.",
    mask: "ein",
  },
  card: {
    accepts: isCard,
    message: "Enter a card number. One of its digits may be wrong.",
    mask: "card",
  },
  email: {
    accepts: (value) =>
      /^[\w.!#$%&'*+/=?^`{|}~-]{1,64}@(?:[a-z\d][a-z\d-]{0,62}\.){1,8}[a-z]{2,63}$/i.test(value),
    message: "Enter an email address, like name@example.com.",
    inputmode: "email",
  },
  phone: {
    // ITU-T E.164: at most 15 digits.
    accepts: (value) => /^\+?[\d .()-]+$/.test(value) && /^\+?\d{7,15}$/.test(bare(value)),
    message: "Enter a phone number, like +1 202 555 0143.",
    inputmode: "tel",
  },
  date: {
    accepts: isDate,
    message: "Enter a date as year, month and day, like 1984-12-31.",
    mask: "date",
  },
  iban: {
    // ISO 13616-1: a country, two check digits, at most 30 characters.
    accepts: (value) => /^[A-Z]{2}\d\d[A-Z\d]{11,30}$/i.test(bare(value)) && hasSum("iban", value),
    message: "Enter an IBAN, like DE89 3704 0044 0532 0130 00.",
    mask: "iban",
  },
  routing: {
    // The first two digits name a Federal Reserve district, or say what the number is for.
    accepts: (value) =>
      /^(?:0\d|1[0-2]|2[1-9]|3[0-2]|6[1-9]|7[0-2]|80)\d{7}$/.test(value) && hasSum("aba", value),
    message: "Enter a bank's routing number, which has nine digits.",
    mask: "routing",
  },
};

/** @type {T.ValidatorNamed} */
export function validatorNamed(name, { validators } = settings) {
  const declared = Object.hasOwn(validators, name) ? validators[name] : undefined;
  if (!declared) return Object.hasOwn(builtIn, name) ? builtIn[name] : undefined;
  const { message, mask = "", inputmode = "" } = declared;
  const checks = checksOf(declared);
  return { accepts: (value) => checks.every((holds) => holds(value)), message, mask, inputmode };
}

/** @param {T.Declared} declared @returns {((value: string) => boolean)[]} */
function checksOf({ pattern, minimum, maximum, checksum, mask }) {
  // A pattern says more than a mask, and may leave some of its places free.
  const source = pattern ?? (mask && patternOf(mask));
  const checks = [];
  if (source) {
    const whole = new RegExp(`^(?:${source})$`, "u");
    checks.push((/** @type {string} */ value) => whole.test(value));
  }
  if (checksum) checks.push((/** @type {string} */ value) => hasSum(checksum, value));
  const bound = minimum ?? maximum;
  if (bound === undefined) return checks;
  const read = typeof bound === "string" ? dateOf : numberOf;
  checks.push((/** @type {string} */ value) => {
    const found = read(value);
    return found !== undefined && !(found < (minimum ?? found)) && !(found > (maximum ?? found));
  });
  return checks;
}

/** @param {string} value */
const dateOf = (value) => (isDate(value) ? value : undefined);

/** @param {string} value */
const numberOf = (value) => (/^-?\d{1,15}(?:\.\d{1,15})?$/.test(value) ? Number(value) : undefined);

/** A data mask that is filled. @param {string} mask */
function patternOf(mask) {
  const slots = /** @type {Record<string, string>} */ ({ 9: "\\d", A: "[A-Z]", "*": "[^\\s]" });
  if (/^[a-z]+$/.test(mask)) return "";
  return placesOf(mask)
    .map(({ slot, literal }) => slots[slot] ?? literal.replace(/[\^$\\.*+?()[\]{}|/]/u, "\\$&"))
    .join("");
}
