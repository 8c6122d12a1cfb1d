// What a document without cookies signs, on the vectors that the server is held to as well.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fromBase64url, toBase64url } from "../../web/frame/field.js";
import { keyName, messageOf } from "../../web/frame/signing.js";

const { public_key, name, valid, invalid } = JSON.parse(
  readFileSync(new URL("../../spec/vectors/request.json", import.meta.url), "utf8"),
);

test("names a key as the server does", async () => {
  assert.equal(toBase64url(await keyName(fromBase64url(public_key))), name);
});

test("signs the same bytes", async () => {
  for (const { message, signature, ...request } of [...valid, ...invalid]) {
    assert.equal(toBase64url(await messageOf(request, fromBase64url(name))), message);
  }
});

test("makes signatures of that kind", async () => {
  const usages = ["verify"];
  const curve = { name: "ECDSA", namedCurve: "P-256" };
  const key = await crypto.subtle.importKey("raw", fromBase64url(public_key), curve, false, usages);
  for (const [cases, good] of [[valid, true], [invalid, false]]) {
    for (const { message, signature } of cases) {
      const hash = { name: "ECDSA", hash: "SHA-256" };
      const signed = [fromBase64url(signature), fromBase64url(message)];
      assert.equal(await crypto.subtle.verify(hash, key, ...signed), good);
    }
  }
});
