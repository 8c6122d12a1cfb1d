// What people type, and what they mistype.

import assert from "node:assert/strict";
import { test } from "node:test";
import { validatorNamed } from "../../web/frame/channel.js";

const none = { validators: {} };
const values = {
  ssn: {
    good: ["219-09-9999", "219099999", "219 09 9999", "001-01-0001"],
    bad: ["", "000-12-3456", "666-12-3456", "900-12-3456", "219-00-9999", "219-09-0000", "219-099999", "219-09 9999", "219-09-99990", " 219-09-9999", "219-09-9999\n", "21９-09-9999"],
  },
  ein: { good: ["12-3456789", "123456789", "99-1234567"], bad: ["", "00-1234567", "07-1234567", "12-345678", "12--3456789", "12 3456789"] },
  card: {
    good: ["4242 4242 4242 4242", "4242-4242-4242-4242", "378282246310005", "6011000990139424"],
    bad: ["", "4242 4242 4242 4241", "4242", "4242 4242 4242 424x", "42424242424242424242"],
  },
  email: {
    good: ["a@example.com", "first.last+tag@sub.example.co.uk", "o'neil@example.org"],
    bad: ["", "a", "a@", "@example.com", "a@example", "a b@example.com", "a@-example.com", "a@example.com\n", "a@exa_mple.com", "a@example.com."],
  },
  phone: { good: ["+1 202 555 0143", "(202) 555-0143", "2025550143", "+49.30.901820"], bad: ["", "12345", "+", "++12025550143", "1202555014312345", "call me", "202+5550143"] },
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

test("nobody's validator is nobody's", () => {
  for (const name of ["", "nothing", "constructor", "toString", "__proto__"]) assert.equal(validatorNamed(name, none), undefined, name);
});

test("no value takes a validator long", () => {
  const began = performance.now();
  for (const name of Object.keys(values)) {
    for (const value of ["1".repeat(65_536), "a@" + "a.".repeat(30_000), "(".repeat(65_536), "a".repeat(64) + "@" + "a-".repeat(30_000)]) validatorNamed(name, none).accepts(value);
  }
  assert.ok(performance.now() - began < 1_000, `${performance.now() - began} ms`);
});
