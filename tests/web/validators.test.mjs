// What people type, and what they mistype.

import assert from "node:assert/strict";
import { test } from "node:test";
import { checksums } from "../../web/frame/checksums.js";
import { rulesOf } from "../../web/frame/rules.js";
import { validatorNamed } from "../../web/frame/validators.js";

const none = { validators: {} };
const values = {
  ssn: {
    good: ["219-09-9999", "219099999", "219 09 9999", "001-01-0001"],
    bad: ["", "000-12-3456", "666-12-3456", "900-12-3456", "219-00-9999", "219-09-0000", "219-099999", "219-09 9999", "219-09-99990", " 219-09-9999", "219-09-9999\n", "21９-09-9999"],
  },
  ein: { good: ["12-3456789", "123456789", "99-1234567"], bad: ["", "00-1234567", "07-1234567", "12-345678", "12--3456789", "12 3456789"] },
  card: {
    good: ["4242 4242 4242 4242", "4242-4242-4242-4242", "378282246310005", "6011000990139424"],
    // The last two have a right sum, and a length that their brand does not have.
    bad: ["", "4242 4242 4242 4241", "4242", "4242 4242 4242 424x", "42424242424242424242", "3782822463100004", "424242424242420"],
  },
  email: {
    good: ["a@example.com", "first.last+tag@sub.example.co.uk", "o'neil@example.org"],
    bad: ["", "a", "a@", "@example.com", "a@example", "a b@example.com", "a@-example.com", "a@example.com\n", "a@exa_mple.com", "a@example.com."],
  },
  phone: { good: ["+1 202 555 0143", "(202) 555-0143", "2025550143", "+49.30.901820"], bad: ["", "12345", "+", "++12025550143", "1202555014312345", "call me", "202+5550143"] },
  date: {
    good: ["1984-12-31", "2024-02-29", "2000-02-29", "0001-01-01", "9999-12-31"],
    bad: ["", "1984-12-32", "2023-02-29", "1900-02-29", "1984-00-10", "1984-13-01", "1984-04-31", "1984-1-1", "19841231", "31.12.1984", "1984-12-31T00:00", "0000-01-01", "1984-12-31\n"],
  },
  iban: {
    good: ["DE89 3704 0044 0532 0130 00", "GB82WEST12345698765432", "gb82 west 1234 5698 7654 32", "NO93 8601 1117 947"],
    bad: ["", "DE89 3704 0044 0532 0130 01", "DE98 3704 0044 0532 0130 00", "DE89", "3704 0044 0532 0130 00", "DE89 3704 0044 0532 0130 0000 0000 0000 00"],
  },
  routing: { good: ["021000021", "011401533", "091000019"], bad: ["", "021000022", "02100002", "0210000210", "999999992", "021-000021"] },
};

for (const [name, { good, bad }] of Object.entries(values)) {
  test(`${name} accepts what is one and nothing else`, () => {
    const { accepts, message } = validatorNamed(name, none);
    for (const value of good) assert.ok(accepts(value), value);
    for (const value of bad) assert.equal(accepts(value), false, JSON.stringify(value));
    assert.match(message, /^Enter .+\.$/);
  });
}

test("a card with one wrong digit, or with two neighbors exchanged, is found", () => {
  const { accepts } = validatorNamed("card", none);
  const card = "4111111111111111";
  for (let at = 0; at < card.length; at += 1) {
    for (let digit = 0; digit < 10; digit += 1) {
      const typed = card.slice(0, at) + digit + card.slice(at + 1);
      assert.equal(accepts(typed), typed === card, typed);
    }
  }
});

test("the operator's validator matches the whole value", () => {
  const declared = { validators: { "employee-id": { pattern: "E[0-9]{6}|root", message: "E and six digits." } } };
  const { accepts, message } = validatorNamed("employee-id", declared);
  assert.equal(message, "E and six digits.");
  for (const [value, sound] of Object.entries({ E123456: true, root: true, xroot: false, "E123456\nroot": false, "": false })) {
    assert.equal(accepts(value), sound, value);
  }
});

/** @type {[object, string[], string[]][]} */
const declared = [
  [{ minimum: 10, maximum: 20.5 }, ["10", "20.5", "15.25", "020"], ["9", "20.6", "", "1e1", "0x10", "10,5", " 11", "-15", "+15", "Infinity", "NaN"]],
  [{ minimum: -5 }, ["-5", "0", "-4.9", "999999999999999"], ["-5.1", "--4", "-"]],
  [{ maximum: 0 }, ["0", "-1", "-0"], ["1", "0.1"]],
  [{ minimum: "1900-01-01" }, ["1900-01-01", "2024-02-29"], ["1899-12-31", "2023-02-29", "19000101", "2000"]],
  [{ minimum: "1900-01-01", maximum: "1999-12-31" }, ["1999-12-31"], ["2000-01-01"]],
  [{ checksum: "luhn" }, ["4242 4242 4242 4242", "79927398713"], ["79927398710", "x", "4242-x"]],
  [{ checksum: "luhn", pattern: "[0-9]{11}" }, ["79927398713"], ["4242424242424242"]],
  [{ checksum: "iban", pattern: "DE[0-9 ]+" }, ["DE89 3704 0044 0532 0130 00"], ["GB82WEST12345698765432"]],
  [{ mask: "AA-9999" }, ["AB-1234"], ["ab-1234", "AB-123", "AB1234", "AB-12345", "A1-1234"]],
  [{ mask: "(99) *.*" }, ["(12) x.y"], ["(12) xxy", "12 x.y", "(12) x. "]],
  [{ mask: "\\A99" }, ["A12"], ["B12", "A1"]],
  [{ mask: "AA-9999", pattern: "AB-.*" }, ["AB-1", "AB-1234"], ["AC-1234"]],
  [{ mask: "ssn", pattern: "8.*" }, ["8"], ["7"]],
];

test("the operator's bounds, checksums and masks hold together", () => {
  for (const [how, good, bad] of declared) {
    const { accepts } = validatorNamed("own", { validators: { own: { message: "No.", ...how } } });
    for (const value of good) assert.ok(accepts(value), `${JSON.stringify(how)} ${value}`);
    for (const value of bad) assert.equal(accepts(value), false, `${JSON.stringify(how)} ${JSON.stringify(value)}`);
  }
});

const sums = {
  luhn: ["4242424242424242", "490154203237518", "79927398713"],
  mod97: ["5493001KJTIIGC8Y1R12", "529900T8BM49AURSDO55"],
  iban: ["DE89370400440532013000", "GB82WEST12345698765432", "FR1420041010050500013M02606"],
  mod11: ["0306406152", "080442957X", "03178471", "9434765919"],
  verhoeff: ["2363", "123451", "84736430954837284567892"],
  aba: ["021000021", "111000025"],
};

test("checksums are right for what is right, and find each wrong digit", () => {
  assert.deepEqual(Object.keys(checksums).sort(), Object.keys(sums).sort());
  for (const [name, texts] of Object.entries(sums)) {
    for (const text of texts) {
      assert.ok(checksums[name](text), `${name} ${text}`);
      for (let at = 0; at < text.length; at += 1) {
        for (const digit of "0123456789") {
          const typed = text.slice(0, at) + digit + text.slice(at + 1);
          if (/\d/.test(text[at])) assert.equal(checksums[name](typed), typed === text, `${name} ${typed}`);
        }
      }
    }
    for (const wrong of ["", "x", "-1", "1 2", "\u0661", "x".repeat(70_000)]) assert.equal(checksums[name](wrong), false, `${name} ${wrong.slice(0, 9)}`);
  }
});

test("Verhoeff's sum finds each exchange of two neighbors", () => {
  const [, , text] = sums.verhoeff;
  for (let at = 1; at < text.length; at += 1) {
    const typed = text.slice(0, at - 1) + text[at] + text[at - 1] + text.slice(at + 1);
    assert.equal(checksums.verhoeff(typed), typed === text, typed);
  }
});

test("the page's mask goes before the validator's, and none takes it away", () => {
  const from = { validators: { own: { message: "No.", mask: "AA-9999" } } };
  const rules = (validator, mask) => rulesOf({ validator, mask }, from);
  for (const [validator, mask, has] of [["ssn", "", true], ["ssn", "none", false], ["", "ssn", true], ["own", "", true], ["own", "none", false], ["email", "", false], ["phone", "", false], ["phone", "phone", true]]) {
    const { put, unknown } = rules(validator, mask);
    assert.equal(Boolean(put), has, `${validator} ${mask}`);
    assert.equal(unknown, "");
  }
  assert.equal(rules("ssn", "nobody").unknown, "mask_unknown");
  assert.equal(rules("nobody", "nobody").unknown, "validator_unknown");
  assert.equal(rules("nobody", "").accepts, undefined);
  assert.equal(rules("", "constructor").unknown, "mask_unknown");
  assert.equal(rules("ssn", "none").inputmode, "numeric");
});

test("nobody's validator is nobody's", () => {
  for (const name of ["", "nothing", "constructor", "toString", "__proto__"]) assert.equal(validatorNamed(name, none), undefined, name);
});

test("no value takes a validator long", () => {
  const began = performance.now();
  for (const name of Object.keys(values)) {
    for (const value of ["1".repeat(65_536), "a@" + "a.".repeat(30_000), "(".repeat(65_536), "a".repeat(64) + "@" + "a-".repeat(30_000)]) validatorNamed(name, none).accepts(value);
  }
  for (const sum of Object.values(checksums)) for (const digit of "01Z") sum(digit.repeat(65_536));
  assert.ok(performance.now() - began < 1_000, `${performance.now() - began} ms`);
});
