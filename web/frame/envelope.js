/**
 * The value envelope: what leaves this frame in place of a value, and what comes back.
 *
 * Bytes: version 1, suite 1 (AES-256-GCM), value id (16), nonce (12), then the ciphertext of whole
 * 256-byte buckets and the tag (16). Plaintext: UTF-8, 0x80, zeros (ISO/IEC 7816-4). The key is made
 * for one value and used once; `spec/vectors/envelope.json` holds the bytes that server and browser
 * agree on.
 */

const VERSION = 1;
const SUITE = 1;
const HEADER = 2 + 16 + 12;
const TAG = 16;
const BUCKET = 256;
export const MAX_VALUE_BYTES = 64 * 1024;

const encoder = new TextEncoder();

/**
 * @typedef {object} Sealed
 * @property {string} key base64url
 * @property {string} ciphertext base64url of the envelope
 */

/** @param {Uint8Array} bytes */
export function toBase64url(bytes) {
  let binary = "";
  // In slices: a call's arguments go onto the stack.
  for (let at = 0; at < bytes.length; at += 4096) {
    binary += String.fromCharCode(...bytes.subarray(at, at + 4096));
  }
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** @param {string} text */
export function fromBase64url(text) {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

/**
 * Join fields, each behind its length, so that no two lists of fields give the same bytes.
 * @param {Uint8Array[]} fields
 */
function lengthPrefixed(...fields) {
  const joined = new Uint8Array(fields.reduce((sum, field) => sum + 4 + field.length, 0));
  const view = new DataView(joined.buffer);
  let at = 0;
  for (const field of fields) {
    view.setUint32(at, field.length);
    joined.set(field, at + 4);
    at += 4 + field.length;
  }
  return joined;
}

/**
 * What a value is bound to. The token is not among it: while a value is sealed there is none yet.
 * @param {string} application
 * @param {string} kind
 * @param {number} buckets
 * @param {Uint8Array} valueId
 */
function associatedData(application, kind, buckets, valueId) {
  const size = new Uint8Array(4);
  new DataView(size.buffer).setUint32(0, buckets);
  return lengthPrefixed(
    encoder.encode("lunasec/value/v1"),
    Uint8Array.of(VERSION),
    Uint8Array.of(SUITE),
    encoder.encode(application),
    encoder.encode(kind),
    size,
    valueId,
  );
}

/**
 * Seal a value under a key of its own.
 * @param {string} value
 * @param {{application: string, kind: string}} bound
 * @param {(bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>} [random] another source only for test vectors
 * @returns {Promise<Sealed>}
 */
export async function seal(value, { application, kind }, random = (b) => crypto.getRandomValues(b)) {
  const bytes = encoder.encode(value);
  if (bytes.length > MAX_VALUE_BYTES) throw new RangeError("too_large");
  const buckets = Math.floor(bytes.length / BUCKET) + 1;
  const padded = new Uint8Array(buckets * BUCKET);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const header = new Uint8Array(HEADER);
  header.set([VERSION, SUITE]);
  random(header.subarray(2, HEADER));
  const rawKey = random(new Uint8Array(32));
  try {
    const key = await crypto.subtle.importKey("raw", rawKey, "AES-GCM", false, ["encrypt"]);
    const additionalData = associatedData(application, kind, buckets, header.subarray(2, 18));
    const gcm = { name: "AES-GCM", iv: header.subarray(18), additionalData };
    const body = new Uint8Array(await crypto.subtle.encrypt(gcm, key, padded));
    const envelope = new Uint8Array(HEADER + body.length);
    envelope.set(header);
    envelope.set(body, HEADER);
    return { key: toBase64url(rawKey), ciphertext: toBase64url(envelope) };
  } finally {
    for (const buffer of [bytes, padded, rawKey]) buffer.fill(0);
  }
}

/**
 * Open a sealed value. Anything that is not exactly what `seal` makes throws.
 * @param {Sealed} sealed
 * @param {{application: string, kind: string}} bound
 * @returns {Promise<string>}
 */
export async function open(sealed, { application, kind }) {
  const envelope = fromBase64url(sealed.ciphertext);
  const buckets = (envelope.length - HEADER - TAG) / BUCKET;
  if (envelope[0] !== VERSION || envelope[1] !== SUITE || buckets < 1 || buckets % 1) {
    throw new Error("record_damaged");
  }
  const rawKey = fromBase64url(sealed.key);
  const key = await crypto.subtle.importKey("raw", rawKey, "AES-GCM", false, ["decrypt"]);
  rawKey.fill(0);
  const additionalData = associatedData(application, kind, buckets, envelope.subarray(2, 18));
  const gcm = { name: "AES-GCM", iv: envelope.subarray(18, HEADER), additionalData };
  const padded = new Uint8Array(await crypto.subtle.decrypt(gcm, key, envelope.subarray(HEADER)));
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(
      padded.subarray(0, markerOf(padded)),
    );
  } finally {
    padded.fill(0);
  }
}

/**
 * Find where the value ends: 0x80 and nothing but zeros behind it, within the last bucket.
 * @param {Uint8Array} padded
 */
function markerOf(padded) {
  let end = padded.length - 1;
  while (end > 0 && padded[end] === 0) end -= 1;
  if (padded[end] !== 0x80 || padded.length - end > BUCKET) throw new Error("record_damaged");
  return end;
}
