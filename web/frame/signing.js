/** What a document without cookies signs, to the byte: docs/protocol.md, "Without cookies". */

import { bigEndian } from "./field.js";

/** @param {Uint8Array<ArrayBuffer>} publicKey a point, uncompressed */
export const keyName = (publicKey) => digest(fields("lunasec/session-key/v1", publicKey));

/** @type {(request: T.SignedRequest, name: Uint8Array<ArrayBuffer>) => Promise<Uint8Array<ArrayBuffer>>} */
export async function messageOf({ method, path, body, session, counter }, name) {
  const number = [...bigEndian(Math.floor(counter / 2 ** 32)), ...bigEndian(counter)];
  const hash = await digest(typeof body === "string" ? utf8(body) : new Uint8Array(body));
  return fields("lunasec/request/v1", method, path, hash, session, name, number);
}

/** @param {string} text */
const utf8 = (text) => new TextEncoder().encode(text);

/** @param {Uint8Array<ArrayBuffer>} bytes */
const digest = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));

/** Each behind its length. @param {(string | Iterable<number>)[]} all */
function fields(...all) {
  const parts = all.map((each) => (typeof each === "string" ? utf8(each) : [...each]));
  return Uint8Array.from(parts.flatMap((part) => [...bigEndian(part.length), ...part]));
}
