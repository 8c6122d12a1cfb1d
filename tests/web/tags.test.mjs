// Tags as a page writes them, and what is no such thing.

import assert from "node:assert/strict";
import { test } from "node:test";
import { metadataOf } from "../../web/frame/tagged.js";

test("tags are names with values", () => {
  assert.deepEqual(metadataOf(""), {});
  assert.deepEqual(metadataOf(" ; "), {});
  assert.deepEqual(metadataOf("field=salary"), { field: "salary" });
  assert.deepEqual(metadataOf(" field = base salary ; team=a=b;"), {
    field: "base salary",
    team: "a=b",
  });
  const odd = metadataOf("__proto__=x; constructor=y");
  assert.deepEqual(Object.entries(odd), [["__proto__", "x"], ["constructor", "y"]]);
  const many = Array.from({ length: 16 }, (_, at) => `n${at}=v`).join(";");
  assert.equal(Object.keys(metadataOf(many)).length, 16);
  assert.equal(metadataOf(`n=${"v".repeat(256)}`).n.length, 256);
});

test("anything else is refused, and nothing is left out of it", () => {
  const long = "v".repeat(257);
  const many = Array.from({ length: 17 }, (_, at) => `n${at}=v`).join(";");
  const cut = `a=${"v".repeat(240)};b=${"v".repeat(240)};c=${"v".repeat(12)}`;
  assert.equal(cut.length, 500);
  for (const tags of ["field", "=salary", "field=", "a=1; a=2", "a=1; b", "a=\ud800", `a=${long}`, many, cut]) {
    assert.throws(() => metadataOf(tags), { message: "tags_malformed" }, tags);
  }
});
