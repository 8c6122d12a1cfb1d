/** How a value is sealed, see `field.js`, and kept; loaded when somebody types one. */

import { BODY, BUCKET, gcm, ID, keyOf, TAG, toBase64url, utf8 } from "./field.js";
import { ask, Refusal, TOKEN } from "./messages.js";

const LONGEST = 64 * 1024; // bytes

/** @type {T.Seal} */
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
  const key = await keyOf(raw, "encrypt");
  const body = await crypto.subtle.encrypt(gcm(envelope, bound), key, padded);
  envelope.set(new Uint8Array(body), BODY);
  const sealed = { key: toBase64url(raw), ciphertext: toBase64url(envelope) };
  for (const buffer of [text, padded, raw]) buffer.fill(0);
  return sealed;
}

/** Have what stands in a box kept, with its tags. @type {T.Store} */
export async function store(link, box, bound) {
  const tags = box.getAttribute("tags");
  const sealed = { ...(await seal(box.value, bound)), kind: bound.kind };
  if (!tags) return ask(link, { type: "store", ...sealed }, { token: TOKEN });
  const loaded = await import("./tagged.js").catch(() => {
    throw new Refusal("unavailable");
  });
  return loaded.storeTagged(link, sealed, tags);
}
