// Files by segments: what is sealed opens, and nothing else does.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Refusal } from "../../web/frame/messages.js";
import { layoutOf, openStream, paddedSize, SEGMENT, sealStream } from "../../web/frame/stream.js";

const application = "payroll";
const MIB = 1024 * 1024;
const FIRST = SEGMENT - 56;
const REST = SEGMENT - 16;
const key = () => crypto.getRandomValues(new Uint8Array(32));

/** Bytes that differ from one another, none of them zero. */
const bytesOf = (size) => Uint8Array.from({ length: size }, (_, at) => ((at * 7 + (at >> 8)) % 255) + 1);

async function seal(main, file, bound = {}) {
  const { count, at } = layoutOf(file.length);
  const one = await sealStream(main, { application, size: file.length, ...bound });
  const segments = [];
  for (let index = 0; index < count; index += 1) {
    const { start, kept } = at(index);
    segments.push(await one(index, file.slice(start, start + kept)));
  }
  return segments;
}

async function open(main, segments, size, bound = {}) {
  const one = openStream(main, { application, size, ...bound });
  const { count } = layoutOf(size);
  const shown = [];
  for (let index = 0; index < count; index += 1) shown.push(await one(segments[index] ?? new Uint8Array()));
  return Uint8Array.from(Buffer.concat(shown));
}

test("pads to sizes that say at most a tenth or so of what the size said", () => {
  const known = { 0: 1, 1: 1, 2: 2, 7: 7, 8: 8, 9: 10, 11: 12, 100: 104, 1000: 1024, 1_000_000: 1_015_808, 5_000_000: 5_111_808 };
  for (const [size, padded] of Object.entries(known)) assert.equal(paddedSize(Number(size)), padded, size);
  for (const size of [3, 255, 256, 257, 65_537, MIB, MIB + 1, 2 ** 31 + 1, 2 ** 41 + 12_345]) {
    const padded = paddedSize(size);
    assert.ok(padded >= size && padded <= size * 1.12, `${size}: ${padded}`);
    assert.equal(paddedSize(padded), padded);
  }
});

test("lays a file out without a gap, in whole segments but the last", () => {
  for (const size of [0, 1, 1000, FIRST - 1, FIRST, FIRST + 1, MIB, 3 * MIB, FIRST + REST, 2 ** 31, 2 ** 40 + 1]) {
    const { count, sealed, at } = layoutOf(size);
    assert.equal(Math.ceil(sealed / SEGMENT), count, String(size));
    assert.equal(at(0).start, 0);
    assert.equal(at(count - 1).end, paddedSize(size));
    for (const index of [0, 1, Math.floor(count / 2), count - 2].filter((each) => each >= 0 && each < count - 1)) {
      const { start, end } = at(index);
      assert.equal(end, at(index + 1).start);
      assert.equal(end - start, index ? REST : FIRST);
    }
  }
});

test("opens what it sealed, whatever the size", async () => {
  for (const size of [0, 1, 2, 255, 4096, FIRST - 1, FIRST, FIRST + 1, MIB, 2 * MIB + 12_345]) {
    const [main, file] = [key(), bytesOf(size)];
    const segments = await seal(main, file);
    assert.equal(segments.reduce((sum, each) => sum + each.length, 0), layoutOf(size).sealed);
    assert.deepEqual(await open(main, segments, size), file, String(size));
  }
});

test("shows no wrong byte of a stream that is cut, reordered, doubled, swapped or changed", async () => {
  const size = 2 * MIB + 500_000;
  const [main, file] = [key(), bytesOf(size)];
  const segments = await seal(main, file);
  const other = await seal(main, file);
  const changed = (index, at) => segments.map((each, of) => {
    const copy = each.slice();
    if (of === index) copy[at < 0 ? copy.length + at : at] ^= 1;
    return copy;
  });
  const [a, b, c] = segments;
  const broken = {
    "cut after two": [a, b],
    "cut within": [a, b, c.subarray(0, -1)],
    "cut whole": [],
    "first two exchanged": [b, a, c],
    "last two exchanged": [a, c, b],
    "second twice": [a, b, b],
    "first twice": [a, a, c],
    "of another stream": [a, other[1], c],
    "header of another stream": [Uint8Array.from([...other[0].subarray(0, 40), ...a.subarray(40)]), b, c],
    "longer": [a, b, Uint8Array.from([...c, 0])],
    "length of header": changed(0, 0),
    "salt": changed(0, 1),
    "prefix": changed(0, 39),
    "body": changed(0, 40),
    "tag": changed(2, -1),
  };
  for (const [why, stream] of Object.entries(broken)) {
    const one = openStream(main, { application, size });
    const shown = [];
    await assert.rejects(async () => {
      for (let index = 0; index < 3; index += 1) shown.push(await one(stream[index] ?? new Uint8Array()));
    }, Refusal, why);
    const flat = Buffer.concat(shown);
    assert.ok(flat.equals(Buffer.from(file.subarray(0, flat.length))), why);
    await assert.rejects(one(segments[shown.length]), Refusal, `${why}: goes on`);
  }
});

test("opens nothing with another key, for another application, or as another size", async () => {
  const [main, file] = [key(), bytesOf(5000)];
  const segments = await seal(main, file);
  await assert.rejects(open(key(), segments, 5000), Refusal);
  await assert.rejects(open(main, segments, 5000, { application: "other" }), Refusal);
  for (const size of [4999, 1, 6000]) await assert.rejects(open(main, segments, size), Refusal, String(size));
});

test("opens no stream whose padding holds something", async () => {
  const [main, file] = [key(), bytesOf(5120)];
  assert.equal(paddedSize(5100), paddedSize(5120));
  await assert.rejects(open(main, await seal(main, file), 5100), Refusal);
});

test("seals no part that has not as many bytes as the file had", async () => {
  const one = await sealStream(key(), { application, size: 5000 });
  await assert.rejects(one(0, bytesOf(4999)), { message: "file_changed" });
  await assert.rejects(one(0, bytesOf(5001)), { message: "file_changed" });
});

test("never uses a salt twice", async () => {
  const main = key();
  const made = await Promise.all(Array.from({ length: 20 }, () => seal(main, bytesOf(10))));
  assert.equal(new Set(made.map(([first]) => Buffer.from(first.subarray(1, 40)).toString("hex"))).size, 20);
});
