/** Batches that were refused as a whole; loaded where one was. */

import { toBase64url, utf8 } from "./field.js";
import { Refusal } from "./messages.js";

// More than 4 bits in the last of 43 characters would be a second spelling of 32 bytes.
const SHAPE = /^lunasec-([\w-]{42}[AEIMQUYcgkosw048])([\w-]{6})$/;

/** @param {string} token */
export async function isToken(token) {
  const [, random, checksum] = SHAPE.exec(token) ?? [];
  const digest = await crypto.subtle.digest("SHA-256", utf8(`lunasec/token/v1${random}`));
  return toBase64url(new Uint8Array(digest)).slice(0, 6) === checksum;
}

/** Give what is to be asked for in its place, or nothing where that is the answer. @type {T.OthersOf} */
export async function othersOf(batch, code) {
  const half = batch.length >> 1;
  // One answer has a limit, too.
  if (code === "too_large") return half ? [batch.slice(0, half), batch.slice(half)] : undefined;
  const sound = await Promise.all(batch.map(({ token = "" }) => isToken(token)));
  if (sound.every(Boolean)) return undefined;
  // What is no token at all is like one that nobody granted, and spoils the answer about the others.
  const rest = batch.filter(({ reject }, at) => sound[at] || reject(new Refusal("not_granted")));
  return rest.length ? [rest] : [];
}
