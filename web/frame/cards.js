/** Payment cards by their first digits (ISO/IEC 7812-1): what they are called, grouped and long. */

const FOURS = "9999 9999 9999 9999 999";

/** @type {(name: string, prefix: RegExp, lengths: number[], mask?: string) => T.Brand} */
const brand = (name, prefix, lengths, mask = FOURS) => ({ name, prefix, lengths, mask });

const unknown = brand("", /^/, [12, 13, 14, 15, 16, 17, 18, 19]);
const long = [16, 17, 18, 19];

const brands = [
  brand("American Express", /^3[47]/, [15], "9999 999999 99999"),
  brand("Diners Club", /^3(?:0[0-5]|[689])/, [14, 16, 19], "9999 999999 999999999"),
  brand("Mastercard", /^(?:5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720))/, [16]),
  brand("Visa", /^4/, [13, 16, 19]),
  brand("JCB", /^35(?:2[89]|[3-8])/, long),
  brand("Discover", /^6(?:011|4[4-9]|5)/, long),
  brand("UnionPay", /^62/, [14, 15, ...long]),
];

/** Name the brand of a number, as far as its digits tell yet. @param {string} digits */
export const brandOf = (digits) => brands.find(({ prefix }) => prefix.test(digits)) ?? unknown;

/** @param {T.Brand} brand */
export function maskOf({ mask, lengths }) {
  let room = Math.max(...lengths);
  const past = [...mask].findIndex((place) => place === "9" && room-- === 0);
  return mask.slice(0, past < 0 ? mask.length : past).trimEnd();
}
