/** Check digits. Each takes a text of digits and capital letters, and says whether its sum is right. */

const ONLY_DIGITS = /^\d+$/;

/** @param {string} text */
const digitsOf = (text) => [...text].map(Number);

/** @type {(text: string, weigh: (digit: number, at: number) => number, divisor: number) => boolean} */
const isWhole = (text, weigh, divisor) =>
  ONLY_DIGITS.test(text) &&
  digitsOf(text)
    .reverse()
    .reduce((sum, digit, at) => sum + weigh(digit, at), 0) %
    divisor ===
    0;

/** ISO/IEC 7064, MOD 97-10, piece by piece: the number is longer than a double. @param {string} text */
function hasMod97(text) {
  if (!/^[\dA-Z]{3,}$/.test(text)) return false;
  const number = text.replaceAll(/[A-Z]/g, (letter) => String(Number.parseInt(letter, 36)));
  return digitsOf(number).reduce((rest, digit) => (rest * 10 + digit) % 97, 0) === 1;
}

/** Of the dihedral group of ten: r turns and a mirror. @type {(one: number, other: number) => number} */
const compose = (one, other) =>
  one < 5
    ? ((one + (other % 5)) % 5) + (other < 5 ? 0 : 5)
    : ((one - (other % 5) + 5) % 5) + (other < 5 ? 5 : 0);

const TURNED = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];

/** @param {string} text */
function hasVerhoeff(text) {
  if (!ONLY_DIGITS.test(text)) return false;
  /** @type {(digit: number, times: number) => number} */
  const turn = (digit, times) =>
    times ? turn(/** @type {number} */ (TURNED[digit]), times - 1) : digit;
  const turned = digitsOf(text)
    .reverse()
    .map((digit, at) => turn(digit, at % 8));
  return turned.reduce((sum, digit) => compose(sum, digit), 0) === 0;
}

/** @type {Record<string, (text: string) => boolean>} */
export const checksums = {
  /** Payment cards, IMEI (ISO/IEC 7812-1, annex B). */
  luhn: (text) =>
    isWhole(text, (digit, at) => (at % 2 ? digit * 2 - (digit > 4 ? 9 : 0) : digit), 10),
  /** LEI and creditor references (ISO/IEC 7064). */
  mod97: hasMod97,
  /** The same after the country and the check digits went to the end (ISO 13616-1). */
  iban: (text) => hasMod97(text.slice(4) + text.slice(0, 4)),
  /** ISBN-10, ISSN and NHS numbers: weights that fall to 1, and X for a last digit of 10. */
  mod11(text) {
    const ten = text.endsWith("X");
    const digits = ten ? `${text.slice(0, -1)}0` : text;
    const sum = digitsOf(digits).reduce((so, each, at) => so + each * (digits.length - at), 0);
    return ONLY_DIGITS.test(digits) && (sum + (ten ? 10 : 0)) % 11 === 0;
  },
  verhoeff: hasVerhoeff,
  /** Routing numbers of US banks: weights 3, 7, 1 from the left, which are 1, 7, 3 from the right. */
  aba: (text) =>
    text.length === 9 &&
    isWhole(text, (digit, at) => digit * /** @type {number} */ ([1, 7, 3][at % 3]), 10),
};
