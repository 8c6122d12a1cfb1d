/** What a file's value holds: its name, its type, its size, and the key of its stream. */

import { fromBase64url, open, toBase64url } from "./field.js";
import { ask, Refusal } from "./messages.js";
import { seal } from "./seal.js";

const SEALED = { key: 64, ciphertext: 100_000, kind: 32, expires_in: Number };
const KIND = "file";
const LONGEST_NAME = 255; // characters, as file systems have it

/** @type {T.SealManifest} */
export const sealManifest = ({ name, type, size, key }, application) =>
  seal(
    JSON.stringify({
      name: name.slice(-LONGEST_NAME),
      type: type.slice(0, LONGEST_NAME),
      size,
      key: toBase64url(key),
    }),
    { application, kind: KIND },
  );

/** @type {T.ReadManifest} */
export async function readManifest(link, token, application) {
  const { kind, expires_in, ...sealed } = await ask(link, { type: "read", token }, SEALED);
  if (kind !== KIND) throw new Refusal("not_a_file");
  return { ...parseManifest(await open(sealed, { application, kind })), expires_in };
}

/** @param {string} text @returns {T.Manifest} */
export function parseManifest(text) {
  try {
    const { name, type, size, key: written, ...more } = JSON.parse(text);
    const key = fromBase64url(written);
    const isSound =
      typeof name === "string" &&
      typeof type === "string" &&
      Number.isSafeInteger(size) &&
      size >= 0 &&
      key.length === 32 &&
      Object.keys(more).length === 0;
    if (isSound) return { name, type, size, key };
  } catch {}
  throw new Refusal("ciphertext_malformed");
}
