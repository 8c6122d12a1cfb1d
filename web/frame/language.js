/** What frames say, in the language around their element where the operator has words of it. */

import { settings } from "./channel.js";

let current = "";

/** From now on, in this document. @param {string} language as pages have it in `lang` */
export function speak(language) {
  current = language;
}

/** A phrase in that language, or as it stands; the words are the operator's, never a page's. @type {T.Say} */
export function say(phrase, values = {}, language = current) {
  const { words = {} } = settings;
  let tag = language.toLowerCase();
  // Of "de-AT" there may be "de".
  while (tag && !Object.hasOwn(words, tag)) tag = tag.slice(0, Math.max(0, tag.lastIndexOf("-")));
  const known = words[tag] ?? {};
  const text = Object.hasOwn(known, phrase) ? known[phrase] : phrase;
  return String(text).replaceAll(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}
