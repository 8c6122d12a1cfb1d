/** How a value is written for a person to read; what it does not fit, stands as it is. */

import { brandOf } from "./cards.js";
import { edit, maskNamed } from "./masks.js";

const MASKED = "•••• ";

/** @param {string} value */
const digitsOf = (value) => value.replaceAll(/[ -]/g, "");

/** ISO 8601, as a day of the calendar. @type {(value: string, lang: string) => string} */
function asDate(value, lang) {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(value) ?? [];
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return value;
  try {
    return date.toLocaleDateString(lang || undefined, { dateStyle: "long", timeZone: "UTC" });
  } catch {
    return value; // a language that nobody knows
  }
}

/** @type {(value: string, name: string) => string} */
function grouped(value, name) {
  const mask = maskNamed(name);
  return mask ? edit(mask, "", 0, 0, value).text : value;
}

/** @type {Record<string, (value: string, lang: string) => string>} */
const formats = {
  date: asDate,
  card: (value) =>
    brandOf(digitsOf(value)).lengths.includes(digitsOf(value).length)
      ? grouped(value, "card")
      : value,
  phone: (value) => (/^\+?\d+$/.test(digitsOf(value)) ? grouped(digitsOf(value), "phone") : value),
  ssn: (value) => (/^\d{9}$/.test(digitsOf(value)) ? grouped(value, "ssn") : value),
  // Of few characters, the last four would be too many.
  last4: (value) => MASKED + (digitsOf(value).length > 6 ? digitsOf(value).slice(-4) : "••••"),
};

/** @type {(value: string, extra: T.Extra) => string} */
export const format = (value, { as = "", lang = "" }) =>
  Object.hasOwn(formats, as) ? (formats[as]?.(value, lang) ?? value) : value;
