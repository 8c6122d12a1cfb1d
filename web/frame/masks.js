/**
 * Masks: how a text is grouped while it is typed. They are data, and what is done with them is pure:
 * a text and an edit go in, a text and a caret come out. What stands there is what is stored.
 */

import { brandOf, maskOf } from "./cards.js";

const LONGEST = 64; // places
const LOOKED_AT = 1_000; // characters of what is put in

const SLOTS = /** @type {Record<string, RegExp>} */ ({ 9: /^\d$/, A: /^[a-z]$/i });

/** @param {string} text */
const digitsOf = (text) => text.replaceAll(/\D/g, "");

/** ITU-T E.164: a country code of one to three digits, and at most 15 in all. @param {string} text */
function phoneMask(text) {
  if (!text.startsWith("+")) return "";
  const digits = digitsOf(text);
  if (digits.startsWith("1")) return "+9 999 999 9999";
  const two = /^(?:2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])/;
  const size = digits.startsWith("7") ? 1 : two.test(digits) ? 2 : 3;
  return `+${"9".repeat(size)}${" 999".repeat(4)}${size < 3 ? ` ${"9".repeat(3 - size)}` : ""}`;
}

/** @type {Record<string, T.Mask>} */
const builtIn = {
  ssn: { mask: () => "999-99-9999", inputmode: "numeric" },
  ein: { mask: () => "99-9999999", inputmode: "numeric" },
  card: {
    mask: (text) => maskOf(brandOf(digitsOf(text))),
    inputmode: "numeric",
    autocomplete: "cc-number",
    note: (text) => brandOf(digitsOf(text)).name,
  },
  phone: { mask: phoneMask, free: /[\d .()-]/, inputmode: "tel", autocomplete: "tel" },
  date: { mask: () => "9999-99-99", inputmode: "numeric" },
  iban: { mask: () => `AA99${" ****".repeat(7)} **`, capitals: true },
  routing: { mask: () => "999999999", inputmode: "numeric" },
};

/** Find a built-in mask. @param {string} name @returns {T.Mask | undefined} */
export const maskNamed = (name) => (Object.hasOwn(builtIn, name) ? builtIn[name] : undefined);

/** The operator's: a name, or data. @param {string} data @returns {T.Mask} */
export const maskOfData = (data) => maskNamed(data) ?? { mask: () => data };

/** Read a mask: `A` a letter, `9` a digit, `*` either; a backslash makes them stand for themselves. */
export const placesOf = (/** @type {string} */ mask) =>
  Array.from(mask.matchAll(/\\?(.)/gsu), ([whole, character = ""]) =>
    whole === character && /[A9*]/.test(character)
      ? { slot: character, literal: "" }
      : { slot: "", literal: character },
  );

/** A digit of any script, and a letter of any width, as it is meant. @param {string} character */
export function plain(character) {
  const folded = character.normalize("NFKC");
  if (!/^\p{Decimal_Number}$/u.test(folded)) return /^[a-z]$/i.test(folded) ? folded : character;
  const at = folded.codePointAt(0) ?? 0;
  let digit = 0; // ten in a row stand for 0 to 9
  while (digit < 9 && /\p{Decimal_Number}/u.test(String.fromCodePoint(at - digit - 1))) digit += 1;
  return String(digit);
}

/** Lays characters into the places of a mask, and counts those that it had no place for. */
class Laying {
  text = "";
  lost = 0;
  #at = 0;
  #places;
  #literals;

  /** @param {T.Place[]} places */
  constructor(places) {
    this.#places = places;
    this.#literals = places.map(({ literal }) => literal);
  }

  /** @type {(slot: string, character: string) => boolean} */
  #fits(slot, character) {
    if (slot !== "*") return SLOTS[slot]?.test(character) ?? false;
    return /^[^\s\p{C}]$/u.test(character) && !this.#literals.includes(character);
  }

  /** @param {string} part */
  add(part) {
    for (const each of part) {
      const character = plain(each);
      const places = this.#places;
      let to = this.#at;
      while (places[to]?.literal && places[to]?.literal !== character) to += 1;
      const place = places[to];
      if (place && (place.literal || this.#fits(place.slot, character))) {
        const between = places.slice(this.#at, to).map(({ literal }) => literal);
        this.text += between.join("");
        this.text += place.slot === "A" ? character.toUpperCase() : character;
        this.#at = to + 1;
      } else if (places.some(({ slot }) => slot && this.#fits(slot, character))) this.lost += 1;
    }
  }

  /** What could have a place somewhere. @param {string} part */
  sift(part) {
    const sound = [...part].filter((each) => {
      const character = plain(each);
      const isLiteral = this.#literals.includes(character);
      return isLiteral || this.#places.some(({ slot }) => slot && this.#fits(slot, character));
    });
    return sound.slice(0, LONGEST);
  }
}

/** Put `insert` in the place of `text.slice(start, end)`. @type {T.EditMasked} */
export function edit(mask, text, start, end, inserted) {
  const [before, after] = [text.slice(0, start), text.slice(end)];
  const looked = inserted.slice(0, LOOKED_AT);
  const insert = mask.capitals ? looked.toUpperCase() : looked;
  const whole = before + insert + after;
  if (!mask.mask(whole)) {
    const free = (/** @type {string} */ part) =>
      [...part]
        .map(plain)
        .filter((each) => mask.free?.test(each))
        .join("");
    return { text: free(whole), caret: free(before + insert).length };
  }
  // What stands there is never pushed out by what comes in: as with `maxlength`, that is cut.
  const parts = new Laying(placesOf(mask.mask(whole))).sift(insert);
  const isLong = before.length + after.length > LOOKED_AT;
  for (let size = isLong ? -1 : parts.length; size >= 0; size -= 1) {
    if (insert && !size && start !== end) return { text, caret: end };
    const part = parts.slice(0, size).join("");
    const laying = new Laying(placesOf(mask.mask(before + part + after)));
    laying.add(before);
    if (laying.lost) break;
    laying.add(part);
    const [caret, dropped] = [laying.text.length, laying.lost];
    laying.add(after);
    const { text: made } = laying;
    if (dropped === laying.lost) {
      const isEnd = !insert && caret === made.length;
      return isEnd ? ended(mask, made) : { text: made, caret };
    }
  }
  // Letters where digits belong, or far too much, until somebody has put it right.
  const put = before + parts.join("");
  return { text: put + after, caret: put.length };
}

/** Without the separators that nothing follows any more. @type {(mask: T.Mask, text: string) => T.Edited} */
function ended(mask, text) {
  const places = placesOf(mask.mask(text)).slice(0, [...text].length);
  const last = places.findLastIndex(({ slot }) => slot !== "");
  const kept = last < 0 ? text : [...text].slice(0, last + 1).join("");
  return { text: kept, caret: kept.length };
}

/** Delete one character of what was typed: a separator is passed over. @type {T.DeleteMasked} */
export function deleteOne(mask, text, caret, step) {
  let other = caret;
  for (;;) {
    other += step;
    if (other < 0 || other > text.length) return { text, caret };
    const made = edit(mask, text, Math.min(caret, other), Math.max(caret, other), "");
    if (made.text !== text) return made;
  }
}
