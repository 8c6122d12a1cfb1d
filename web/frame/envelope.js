/**
 * The value envelope: what leaves this frame in place of a value, and what comes back.
 *
 * Version 1, suite 1 (AES-256-GCM), value id (16 bytes), nonce (12), then whole 256-byte buckets and
 * the tag (16). Plaintext: UTF-8, 0x80, zeros (ISO/IEC 7816-4). One key, one value.
 */

import { Refusal } from "./channel.js";

/** @import { Bound, Sealed } from "../types" */

const ID = 2;
const NONCE = 18;
const BODY = 30;
const TAG = 16;
const BUCKET = 256;
const LONGEST = 64 * 1024; // bytes; a longer value has to be a file

/** @param {string} text */
const utf8 = (text) => new TextEncoder().encode(text);

/** @param {Uint8Array} bytes */
export function toBase64url(bytes) {
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** @param {string} text */
export function fromBase64url(text) {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

/** @param {number} size */
const bigEndian = (size) => [size >>> 24, size >>> 16, size >>> 8, size];

/**
 * Each field of the associated data stands behind its length: no two lists are the same bytes. The
 * token is not among them, since there is none yet while a value is sealed.
 * @type {(envelope: Uint8Array<ArrayBuffer>, bound: Bound) => AesGcmParams}
 */
function gcm(envelope, { application, kind }) {
  const buckets = (envelope.length - BODY - TAG) / BUCKET;
  const fields = [
    utf8("lunasec/value/v1"), [1], [1], utf8(application), utf8(kind), bigEndian(buckets), envelope.subarray(ID, NONCE),
  ];
  const additionalData = Uint8Array.from(fields.flatMap((field) => [...bigEndian(field.length), ...field]));
  return { name: "AES-GCM", iv: envelope.subarray(NONCE, BODY), additionalData };
}

/** @type {(raw: Uint8Array<ArrayBuffer>, usage: KeyUsage) => Promise<CryptoKey>} */
const keyOf = (raw, usage) => crypto.subtle.importKey("raw", raw, "AES-GCM", false, [usage]);

/**
 * Seal a value under a new key of its own. Only test vectors bring other bytes than random ones.
 * @param {string} value
 * @param {Bound} bound
 * @returns {Promise<Sealed>}
 */
export async function seal(value, bound, fill = crypto.getRandomValues.bind(crypto)) {
  const text = utf8(value);
  if (text.length > LONGEST) throw new Refusal("too_large");
  const padded = new Uint8Array((Math.floor(text.length / BUCKET) + 1) * BUCKET);
  padded.set(text);
  padded[text.length] = 0x80;
  const envelope = new Uint8Array(BODY + padded.length + TAG);
  envelope.set([1, 1]);
  fill(envelope.subarray(ID, BODY));
  const raw = fill(new Uint8Array(32));
  const body = await crypto.subtle.encrypt(gcm(envelope, bound), await keyOf(raw, "encrypt"), padded);
  envelope.set(new Uint8Array(body), BODY);
  const sealed = { key: toBase64url(raw), ciphertext: toBase64url(envelope) };
  for (const buffer of [text, padded, raw]) buffer.fill(0);
  return sealed;
}

/**
 * Open a sealed value, and refuse what is not exactly what `seal` makes.
 * @type {(sealed: Sealed, bound: Bound) => Promise<string>}
 */
export async function open({ key, ciphertext }, bound) {
  try {
    const envelope = fromBase64url(ciphertext);
    const raw = fromBase64url(key);
    const params = gcm(envelope, bound);
    const body = await crypto.subtle.decrypt(params, await keyOf(raw, "decrypt"), envelope.subarray(BODY));
    const padded = new Uint8Array(body);
    const end = padded.findLastIndex((byte) => byte !== 0);
    // The marker is in the last bucket, or one value could be written in several ways.
    const sound = envelope[0] === 1 && envelope[1] === 1 && padded[end] === 0x80 && padded.length - end <= BUCKET;
    const value = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(padded.subarray(0, end));
    for (const buffer of [padded, raw]) buffer.fill(0);
    if (sound) return value;
  } catch {} // WebCrypto and the decoders say nothing that could be told on
  throw new Refusal("ciphertext_malformed");
}

/**
 * Tell a token by its checksum, so that a typing error fails here and not all that is asked with it.
 * The last of 43 characters holds 4 bits of 32 bytes: more would be a second spelling.
 * @param {string} token
 */
export async function isToken(token) {
  const [, random, checksum] = /^lunasec-([\w-]{42}[AEIMQUYcgkosw048])([\w-]{6})$/.exec(token) ?? [];
  const digest = await crypto.subtle.digest("SHA-256", utf8(`lunasec/token/v1${random}`));
  return toBase64url(new Uint8Array(digest)).slice(0, 6) === checksum;
}
