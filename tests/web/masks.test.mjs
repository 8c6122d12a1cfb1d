// Keystrokes, and what stands in the field after each; and what holds for any edits at all.

import assert from "node:assert/strict";
import { test } from "node:test";
import { brandOf, maskOf } from "../../web/frame/cards.js";
import { deleteOne, edit, maskNamed, maskOfData, placesOf } from "../../web/frame/masks.js";

const KEYS = { Backspace: -1, Delete: 1 };

/** Press keys in a field whose text has its caret at the "|". A longer word is a paste. */
function press(mask, begun, keys) {
  let [text, caret] = [begun.replace("|", ""), begun.indexOf("|")];
  for (const key of keys) {
    const step = KEYS[key];
    const made = step ? deleteOne(mask, text, caret, step) : edit(mask, text, caret, caret, key);
    ({ text, caret } = made);
  }
  return `${text.slice(0, caret)}|${text.slice(caret)}`;
}

const typed = {
  ssn: [
    ["|", [..."219099999"], "219-09-9999|"],
    ["|", [..."219-09-9999"], "219-09-9999|"],
    ["|", [..."219 09 9999"], "219-09-9999|"],
    ["|", [..."219"], "219|"],
    ["|", [..."219-"], "219-|"],
    ["|", [..."21x9!0"], "219-0|"],
    ["|", ["219 09 9999\n"], "219-09-9999|"],
    ["|", ["SSN: 219099999 (old)"], "219-09-9999|"],
    ["|", ["２１９０９"], "219-09|"],
    ["|", ["٢١٩٠٩"], "219-09|"],
    ["|", ["२१९०९"], "219-09|"],
    ["|", ["\u202d219\u202c\u00a009"], "219-09|"],
    ["219-09-9999|", ["1"], "219-09-9999|"],
    ["|219-09-9999", ["1"], "|219-09-9999"],
    ["21|9-09", ["5"], "215|-90-9"],
    ["219|-09", ["5"], "219-5|0-9"],
    ["219-|09", ["5"], "219-5|0-9"],
    ["219-0|", ["Backspace"], "219|"],
    ["219-0|9", ["Backspace"], "219-|9"],
    ["219-|09", ["Backspace"], "21|0-9"],
    ["219|-09", ["Delete"], "219|-9"],
    ["21|9-09", ["Delete"], "21|0-9"],
    ["|219-09", ["Backspace"], "|219-09"],
    ["219-09|", ["Delete"], "219-09|"],
    ["2|19-09-9999", ["Backspace"], "|190-99-999"],
    ["219-09-99|9", ["88"], "219-09-998|9"],
  ],
  ein: [["|", [..."123456789"], "12-3456789|"]],
  card: [
    ["|", [..."4242424242424242"], "4242 4242 4242 4242|"],
    ["|", ["4242-4242-4242-4242"], "4242 4242 4242 4242|"],
    ["|", [..."378282246310005"], "3782 822463 10005|"],
    ["|", [..."3782822463100059"], "3782 822463 10005|"],
    ["|", [..."30569309025904"], "3056 930902 5904|"],
    ["|", [..."55555555555544441"], "5555 5555 5555 4444|"],
    ["|4242 4242", ["37"], "37|42 424242"],
    ["3|782 822463", ["Backspace"], "|7828 2246 3"],
  ],
  phone: [
    ["|", [..."+12025550143"], "+1 202 555 0143|"],
    ["|", ["+1 (202) 555-0143"], "+1 202 555 0143|"],
    ["|", [..."+4930901820"], "+49 309 018 20|"],
    ["|", [..."+353861234567"], "+353 861 234 567|"],
    ["|", [..."(202) 555-0143 x"], "(202) 555-0143 |"],
    ["|", [..."+1202555014399"], "+1 202 555 0143|"],
    ["+4|", ["Backspace"], "+|"],
    ["+|49 309", ["Backspace"], "|49 309"],
    ["|49309", ["+"], "+|49 309"],
  ],
  date: [["|", [..."19841231"], "1984-12-31|"], ["|", ["1984-12-31"], "1984-12-31|"]],
  iban: [["|", ["de89370400440532013000"], "DE89 3704 0044 0532 0130 00|"], ["|", [..."gb82west"], "GB82 WEST|"]],
  routing: [["|", ["0210-0002-1"], "021000021|"]],
};

for (const [name, rows] of Object.entries(typed)) {
  test(`${name}: what stands there, and where the caret is`, () => {
    for (const [begun, keys, left] of rows) {
      assert.equal(press(maskNamed(name), begun, keys), left, `${begun} ${keys.join(" ")}`);
    }
  });
}

const declared = [
  ["AA-9999", "|", [..."ab1234"], "AB-1234|"],
  ["AA-9999", "|", [..."1ab1234"], "AB-1234|"],
  ["AA-9999", "AB-12|34", ["x"], "AB-12|34"],
  ["AA-9999", "|AB-1234", ["C"], "|AB-1234"],
  // Letters where digits belong: all is kept as it is, until it fits again.
  ["AA-9999", "AB|-1234", ["Backspace"], "A|-1234"],
  ["AA-9999", "AB|-1234", ["Backspace", "x"], "AX|-1234"],
  ["E999999", "|", [..."123"], "E123|"],
  ["E999999", "|", [..."E123"], "E123|"],
  ["E999999", "E1|", ["Backspace"], "E|"],
  [String.raw`\A999`, "|", ["a12"], "A12|"],
  [String.raw`\A999`, "|", ["A12"], "A12|"],
  ["**-**", "|", ["aß日x"], "aß-日x|"],
  ["**-**", "ab-|cd", ["Backspace"], "a|c-d"],
  ["**-**", "|", ["a b-\u0000c"], "ab-c|"],
  ["(999) 9", "|", ["1234"], "(123) 4|"],
  ["(999) 9", "(123) |4", ["Backspace"], "(12|4"],
];

test("the operator's masks: letters are made capitals, and a backslash takes a meaning away", () => {
  for (const [data, begun, keys, left] of declared) {
    assert.equal(press(maskOfData(data), begun, keys), left, `${data} ${begun} ${keys.join(" ")}`);
  }
});

test("a selection is replaced whole, and by nothing that could not stand there", () => {
  const ssn = maskNamed("ssn");
  assert.deepEqual(edit(ssn, "219-09-9999", 0, 11, "123"), { text: "123", caret: 3 });
  assert.deepEqual(edit(ssn, "219-09-9999", 2, 5, "55"), { text: "215-59-9999", caret: 5 });
  assert.deepEqual(edit(ssn, "219-09-9999", 2, 5, ""), { text: "219-99-99", caret: 2 });
  assert.deepEqual(edit(ssn, "219-09-9999", 0, 11, "no digits"), { text: "219-09-9999", caret: 11 });
});

test("nobody's mask is nobody's", () => {
  for (const name of ["", "nothing", "constructor", "__proto__"]) assert.equal(maskNamed(name), undefined, name);
});

test("a brand has room for its longest number", () => {
  const lengths = { 37: 15, 55: 16, 2221: 16, 4: 19, 36: 19, 62: 19, 9: 19 };
  for (const [prefix, length] of Object.entries(lengths)) {
    assert.equal(maskOf(brandOf(prefix)).replaceAll(" ", "").length, length, prefix);
  }
});

test("brands are known by their first digits", () => {
  const numbers = { 34: "American Express", 2720: "Mastercard", 2721: "", 51: "Mastercard", 56: "", 4: "Visa", 3528: "JCB", 3527: "", 6011: "Discover", 65: "Discover", 62: "UnionPay", 36: "Diners Club", "": "" };
  for (const [digits, name] of Object.entries(numbers)) assert.equal(brandOf(digits).name, name, digits);
});

/** Mulberry32: the same edits each time. */
function randomOf(seed) {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const digits = (text) => text.replaceAll(/\D/g, "");

test("any edits: the digits typed are the digits kept, and the caret stays beside the one it was at", () => {
  for (const name of ["ssn", "ein", "card", "date", "routing", "phone"]) {
    const mask = maskNamed(name);
    for (let seed = 0; seed < 400; seed += 1) {
      const random = randomOf(seed);
      let text = name === "phone" && seed % 2 ? "+1" : "";
      let caret = text.length;
      for (let count = 0; count < 30; count += 1) {
        const was = `${name} ${seed}: ${text} at ${caret}`;
        const [before, after] = [digits(text.slice(0, caret)), digits(text.slice(caret))];
        const what = random(5);
        if (what < 3) {
          const put = String(random(10));
          const made = edit(mask, text, caret, caret, put);
          const kept = digits(made.text);
          assert.ok(kept === before + put + after || made.text === text, `${was} + ${put}: ${made.text}`);
          const passed = digits(made.text.slice(0, made.caret));
          assert.equal(passed, kept.length > (before + after).length ? before + put : before, `${was} + ${put}`);
          ({ text, caret } = made);
        } else if (what === 3) {
          const step = random(2) ? 1 : -1;
          const made = deleteOne(mask, text, caret, step);
          const left = step < 0 ? before.slice(0, -1) + after : before + after.slice(1);
          assert.ok([left, before + after].includes(digits(made.text)), `${was} ${step}: ${made.text}`);
          assert.equal(digits(made.text.slice(0, made.caret)).length, digits(made.text) === left && step < 0 ? Math.max(0, before.length - 1) : before.length, `${was} ${step}`);
          ({ text, caret } = made);
        } else caret = random(text.length + 1);
        assert.ok(caret >= 0 && caret <= text.length, was);
        // What stands there is grouped: laid out anew, it is the same.
        assert.equal(edit(mask, "", 0, 0, text).text, text, was);
      }
    }
  }
});

test("any text in any field is taken within a blink, however long", () => {
  const long = ["1".repeat(65_536), "x".repeat(65_536), "+".repeat(65_536), "1x".repeat(32_768), "\u{1F600}".repeat(16_384)];
  const began = performance.now();
  for (const name of Object.keys(typed)) {
    for (const text of long) {
      assert.ok(edit(maskNamed(name), "", 0, 0, text).text.length <= 65_536);
      edit(maskNamed(name), text, 5, 5, "1");
      edit(maskNamed(name), text, 5, 60_000, text);
    }
  }
  assert.ok(performance.now() - began < 3_000, `${performance.now() - began} ms`);
});

test("masks are read by their characters", () => {
  assert.deepEqual(placesOf(String.raw`A\A9\\*-`), [
    { slot: "A", literal: "" },
    { slot: "", literal: "A" },
    { slot: "9", literal: "" },
    { slot: "", literal: "\\" },
    { slot: "*", literal: "" },
    { slot: "", literal: "-" },
  ]);
});
