/**
 * What a typed value may look like. A page names one of these, or one that the tokenizer's operator
 * declared; it can't bring its own pattern, with which it could ask a stored value questions.
 */

/** @import { DeclaredValidator } from "./settings.js" */

/**
 * @typedef {object} Validator
 * @property {(value: string) => boolean} accepts
 * @property {string} message
 * @property {string} [inputmode] a keyboard that suits, where the page asks for none
 */

/** @param {string} value */
const digitsOf = (value) => value.replaceAll(/[ .()-]/g, "");

/**
 * Check the last digit of a card number (ISO/IEC 7812-1, annex B).
 * @param {string} digits
 */
function hasLuhnSum(digits) {
  const sum = [...digits].reverse().reduce((total, digit, place) => {
    const weighed = Number(digit) * (place % 2 ? 2 : 1);
    return total + (weighed > 9 ? weighed - 9 : weighed);
  }, 0);
  return sum % 10 === 0;
}

/** @type {Readonly<Record<string, Validator>>} */
export const builtIn = Object.freeze({
  ssn: {
    // Area 000, 666 and 900 to 999, group 00 and serial 0000 are never given out.
    accepts: (value) => /^(?!000|666|9)\d{3}([- ]?)(?!00)\d{2}\1(?!0000)\d{4}$/.test(value),
    message: "Enter a Social Security number, like 078-05-1120.",
    inputmode: "numeric",
  },
  ein: {
    accepts: (value) => /^(?!00|07|08|09|17|18|19|28|29|49|69|70|78|79|89|96|97)\d{2}-?\d{7}$/.test(value),
    message: "Enter an employer identification number, like 12-3456789.",
    inputmode: "numeric",
  },
  card: {
    accepts: (value) => /^\d{12,19}$/.test(digitsOf(value)) && hasLuhnSum(digitsOf(value)),
    message: "Enter a card number; one of its digits may be wrong.",
    inputmode: "numeric",
  },
  email: {
    // The same as <input type=email>, with a dot demanded in the host's name.
    accepts: (value) => value.length <= 254 &&
      /^[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?(?:\.[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?)+$/i.test(value),
    message: "Enter an email address, like name@example.com.",
    inputmode: "email",
  },
  phone: {
    // ITU-T E.164: at most 15 digits; 7 is the shortest subscriber's number with its area in use.
    accepts: (value) => /^\+?[\d .()-]+$/.test(value) && /^\+?\d{7,15}$/.test(digitsOf(value)),
    message: "Enter a phone number, like +1 202 555 0143.",
    inputmode: "tel",
  },
});

/**
 * Find a validator by name. One of the operator's wins over a built-in one of the same name.
 * @param {string} name empty for none
 * @param {Record<string, DeclaredValidator>} declared
 * @returns {Validator | undefined} also undefined where nobody knows the name
 */
export function validatorNamed(name, declared) {
  const own = Object.hasOwn(declared, name) ? declared[name] : undefined;
  if (own) {
    const pattern = new RegExp(`^(?:${own.pattern})$`, "u");
    return { accepts: (value) => pattern.test(value), message: own.message };
  }
  return Object.hasOwn(builtIn, name) ? builtIn[name] : undefined;
}
