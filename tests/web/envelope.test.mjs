// The browser's side of the vectors that the server is held to as well.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { isToken } from "../../web/frame/batches.js";
import { Refusal } from "../../web/frame/messages.js";
import { fromBase64url, open, toBase64url } from "../../web/frame/field.js";
import { seal } from "../../web/frame/seal.js";

const vectors = (name) => JSON.parse(readFileSync(new URL(`../../spec/vectors/${name}.json`, import.meta.url), "utf8"));
const { valid, invalid, unopenable } = vectors("envelope");

test("seals every valid vector to the same bytes", async () => {
  assert.ok(valid.length > 3);
  for (const { text, repeated, key, value_id, nonce, ciphertext, ciphertext_sha256, application, kind } of valid) {
    const given = [fromBase64url(value_id), fromBase64url(nonce)].flatMap((each) => [...each]);
    const fill = (bytes) => {
      bytes.set(bytes.length === 32 ? fromBase64url(key) : given);
      return bytes;
    };
    const sealed = await seal(text ?? repeated.text.repeat(repeated.times), { application, kind }, fill);
    assert.equal(sealed.key, key);
    if (ciphertext) assert.equal(sealed.ciphertext, ciphertext);
    else assert.equal(await sha256(fromBase64url(sealed.ciphertext)), ciphertext_sha256);
  }
});

const sha256 = async (bytes) => toBase64url(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));

test("opens every valid vector", async () => {
  for (const { text, key, ciphertext, application, kind } of valid.filter((each) => each.ciphertext)) {
    assert.equal(await open({ key, ciphertext }, { application, kind }), text);
  }
});

test("opens nothing that is cut, changed, or bound to something else", async () => {
  const key = valid[0].key;
  for (const vector of [...invalid.map((each) => ({ key, ...each })), ...unopenable]) {
    const { application, kind, why } = vector;
    if (why.includes("kind")) continue; // a name that the tokenizer refuses; no frame has one
    await assert.rejects(open(vector, { application, kind }), Refusal, why);
  }
});

test("opens no value whose padding could be written in another way", async () => {
  const bound = { application: "payroll", kind: "text" };
  for (const [why, at, byte] of [["no marker", 4, 0], ["marker too early", 0, 0x80]]) {
    const { key, ciphertext } = await resealed(bound, (padded) => {
      padded[4] = 0x80;
      padded[at] = byte;
      if (why === "marker too early") padded.fill(0, 1);
    }, why === "marker too early" ? 512 : 256);
    await assert.rejects(open({ key, ciphertext }, bound), Refusal, why);
  }
});

/** Seal bytes of the test's own, with a padding that the frame would never write. */
async function resealed(bound, change, size) {
  const made = await seal("x".repeat(size - 256), bound);
  const envelope = fromBase64url(made.ciphertext);
  const fields = ["lunasec/value/v1", [1], [1], bound.application, bound.kind, [0, 0, 0, size / 256], envelope.subarray(2, 18)]
    .map((each) => (typeof each === "string" ? [...new TextEncoder().encode(each)] : [...each]));
  const additionalData = Uint8Array.from(fields.flatMap((each) => [0, 0, 0, each.length, ...each]));
  const gcm = { name: "AES-GCM", iv: envelope.subarray(18, 30), additionalData };
  const key = await crypto.subtle.importKey("raw", fromBase64url(made.key), "AES-GCM", false, ["encrypt"]);
  const padded = new Uint8Array(size);
  change(padded);
  envelope.set(new Uint8Array(await crypto.subtle.encrypt(gcm, key, padded)), 30);
  return { key: made.key, ciphertext: toBase64url(envelope) };
}

test("never uses a key, an id or a nonce twice", async () => {
  const bound = { application: "payroll", kind: "text" };
  const made = await Promise.all(Array.from({ length: 50 }, () => seal("same", bound)));
  assert.equal(new Set(made.map(({ key }) => key)).size, 50);
  assert.equal(new Set(made.map(({ ciphertext }) => ciphertext.slice(0, 40))).size, 50);
});

test("takes 64 KiB of UTF-8 and not a byte more", async () => {
  const bound = { application: "payroll", kind: "text" };
  const most = "é".repeat(32 * 1024);
  assert.equal(await open(await seal(most, bound), bound), most);
  await assert.rejects(seal(`${most}x`, bound), { message: "too_large" });
});

test("tells tokens from what looks like one", async () => {
  const tokens = vectors("token");
  for (const { token } of tokens.valid) assert.equal(await isToken(token), true, token);
  for (const { token, why } of tokens.invalid) assert.equal(await isToken(token), false, why);
});
