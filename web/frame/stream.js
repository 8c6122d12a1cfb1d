/**
 * A file's bytes, sealed and opened segment by segment: Tink's streaming AEAD with the template
 * AES256_GCM_HKDF_1MB, over the file and zeros up to its Padmé size. No more than a segment of
 * either is held at a time.
 */

import { Refusal } from "./messages.js";

export const SEGMENT = 1024 * 1024; // bytes of ciphertext, all but the last
const SALT = 32;
const HEADER = 40; // its own length, salt, nonce prefix
const TAG = 16;
const FIRST = SEGMENT - HEADER - TAG; // bytes of plaintext
const REST = SEGMENT - TAG;

/** So many bytes that the size says little of the file: Padmé, of the PURBs paper. @param {number} size */
export function paddedSize(size) {
  const bits = (/** @type {number} */ number) => number.toString(2).length;
  if (size < 2) return 1;
  const exponent = bits(size) - 1;
  const step = 2 ** (exponent - bits(exponent));
  return Math.ceil(size / step) * step;
}

/** @type {T.Layout} */
export function layoutOf(size) {
  const padded = paddedSize(size);
  const count = 1 + Math.max(0, Math.ceil((padded - FIRST) / REST));
  const from = (/** @type {number} */ index) => (index ? FIRST + (index - 1) * REST : 0);
  return {
    count,
    sealed: padded + HEADER + count * TAG,
    at(index) {
      const [start, end] = [from(index), Math.min(from(index + 1), padded)];
      return { start, end, kept: Math.max(0, Math.min(end, size) - start) };
    },
  };
}

/** @param {string} application */
function associated(application) {
  const texts = ["lunasec/file/v1", application].map((text) => new TextEncoder().encode(text));
  const joined = new Uint8Array(texts.reduce((sum, text) => sum + 4 + text.length, 0));
  let at = 0;
  for (const text of texts) {
    new DataView(joined.buffer).setUint32(at, text.length);
    joined.set(text, at + 4);
    at += 4 + text.length;
  }
  return joined;
}

/** @type {T.DeriveKey} */
async function derive(main, header, application, usage) {
  const secret = await crypto.subtle.importKey("raw", main, "HKDF", false, ["deriveKey"]);
  const salt = header.subarray(1, 1 + SALT);
  const how = { name: "HKDF", hash: "SHA-256", salt, info: associated(application) };
  return crypto.subtle.deriveKey(how, secret, { name: "AES-GCM", length: 256 }, false, [usage]);
}

/** @type {(header: Uint8Array, index: number, count: number) => AesGcmParams} */
function gcm(header, index, count) {
  const iv = new Uint8Array(12);
  iv.set(header.subarray(1 + SALT, HEADER));
  new DataView(iv.buffer).setUint32(7, index);
  iv[11] = Number(index === count - 1);
  return { name: "AES-GCM", iv };
}

/** @type {T.SealStream} */
export async function sealStream(
  main,
  { application, size },
  fill = crypto.getRandomValues.bind(crypto),
) {
  const { count, at } = layoutOf(size);
  const header = new Uint8Array(HEADER);
  header[0] = HEADER;
  fill(header.subarray(1));
  const key = await derive(main, header, application, "encrypt");
  return async (index, bytes) => {
    const { start, end, kept } = at(index);
    if (bytes.length !== kept) throw new Refusal("file_changed");
    const plain = new Uint8Array(end - start);
    plain.set(bytes);
    const body = await crypto.subtle.encrypt(gcm(header, index, count), key, plain);
    plain.fill(0);
    if (index) return new Uint8Array(body);
    const sealed = new Uint8Array(HEADER + body.byteLength);
    sealed.set(header);
    sealed.set(new Uint8Array(body), HEADER);
    return sealed;
  };
}

/** @type {T.OpenStream} */
export function openStream(main, { application, size }) {
  const { count, at } = layoutOf(size);
  let next = 0;
  /** @type {Uint8Array<ArrayBuffer>} */
  let header;
  /** @type {CryptoKey} */
  let key;
  return async (sealed) => {
    try {
      const index = next++;
      const { start, end, kept } = at(index);
      const before = index ? 0 : HEADER;
      if (index >= count || sealed.length !== before + end - start + TAG) throw new Error();
      if (!index) {
        header = sealed.slice(0, HEADER);
        if (header[0] !== HEADER) throw new Error();
        key = await derive(main, header, application, "decrypt");
      }
      const body = sealed.subarray(before);
      const plain = new Uint8Array(
        await crypto.subtle.decrypt(gcm(header, index, count), key, body),
      );
      if (plain.subarray(kept).every((byte) => byte === 0)) return plain.subarray(0, kept);
    } catch {}
    next = count; // what is broken once opens no further
    throw new Refusal("ciphertext_malformed");
  };
}
