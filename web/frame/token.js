/**
 * A token's shape and checksum, so that a mistyped one fails here and does not make the tokenizer
 * refuse the whole request that it stands in.
 */

import { toBase64url } from "./envelope.js";

// 32 bytes are 43 characters, and the last of these holds only 4 bits: others would be a second
// spelling of the same bytes.
const SHAPE = /^lunasec-([A-Za-z0-9_-]{42}[AEIMQUYcgkosw048])([A-Za-z0-9_-]{6})$/;

/**
 * @param {string} token
 * @returns {Promise<boolean>}
 */
export async function isToken(token) {
  const [, random, checksum] = SHAPE.exec(token) ?? [];
  if (!random) return false;
  const input = new TextEncoder().encode(`lunasec/token/v1${random}`);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", input));
  return toBase64url(digest).slice(0, 6) === checksum;
}
