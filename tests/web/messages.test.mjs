// What a page can send to a frame: messages and styles, as an attacker would write them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "../../web/frame/messages.js";
import { applyStyle, isAllowed, properties } from "../../web/frame/channel.js";

const shapes = { show: { token: /^[a-z]{3}$/, count: Number, on: Boolean, all: [/^[a-z]$/], label: 5, style: Object }, focus: {} };
const sound = { type: "show", token: "abc", count: 1, on: true, all: ["a"], label: "label", style: { color: "red" } };

test("takes a message that is exactly as described", () => {
  const { type, ...fields } = sound;
  assert.deepEqual(parse(sound, shapes), { type, fields });
  assert.deepEqual(parse({ type: "focus" }, shapes), { type: "focus", fields: {} });
});

test("drops every message that differs in one thing", () => {
  const odd = [undefined, null, 0, 1.5, -1, Number.NaN, Infinity, true, "", "abcd", "x".repeat(2000), [], ["aa"], {}, { a: 1 }, [[]]];
  for (const name of Object.keys(sound)) {
    for (const value of odd) {
      const fits = { count: [0, 1.5], on: [true], label: ["", "abcd"], all: [[]], style: [{}, [], ["aa"]] }[name] ?? [];
      if (fits.some((each) => JSON.stringify(each) === JSON.stringify(value))) continue;
      assert.equal(parse({ ...sound, [name]: value }, shapes), undefined, `${name}: ${String(value)}`);
    }
    const { [name]: _, ...rest } = sound;
    assert.equal(parse(rest, shapes), undefined, `without ${name}`);
  }
  assert.equal(parse({ ...sound, more: 1 }, shapes), undefined);
});

test("drops what names a member that every object has", () => {
  for (const type of ["constructor", "toString", "__proto__", "hasOwnProperty", "valueOf"]) {
    assert.equal(parse({ type }, shapes), undefined, type);
    assert.equal(parse({ ...sound, [type]: 1 }, shapes), undefined, type);
  }
  for (const data of [null, undefined, 1, "show", [], [sound], Symbol.iterator]) {
    assert.equal(parse(data, shapes), undefined);
  }
});

test("drops lists and records that are too long", () => {
  assert.equal(parse({ ...sound, all: Array(10_001).fill("a") }, shapes), undefined);
  const style = Object.fromEntries(Array.from({ length: 101 }, (_, at) => [`p${at}`, "x"]));
  assert.equal(parse({ ...sound, style }, shapes), undefined);
  assert.equal(parse({ ...sound, style: { color: "x".repeat(513) } }, shapes), undefined);
});

/** What Chromium, Firefox and Safari compute. */
const computed = {
  "caret-color": ["auto", "rgb(1, 2, 3)"],
  color: ["rgb(0, 0, 0)", "rgba(0, 0, 0, 0.87)", "rgb(1 2 3 / 50%)", "color(srgb 0.1 0.2 0.3 / 0.5)", "oklch(0.7 0.1 120)", "lab(50 20 -30)", "#fff"],
  "color-scheme": ["normal", "light", "dark", "light dark", "light only"],
  cursor: ["text", "auto", "not-allowed"],
  direction: ["ltr", "rtl"],
  "font-family": ["\"Times New Roman\"", "Arial, sans-serif", "system-ui, -apple-system, \"Segoe UI\", Roboto", "\"Noto Sans 日本\", serif"],
  "font-feature-settings": ["normal", "\"tnum\"", "\"ss01\", \"liga\" 0", "\"tnum\" on"],
  "font-size": ["16px", "13.3333px"],
  "font-stretch": ["100%", "normal"],
  "font-style": ["normal", "italic", "oblique"],
  "font-variant-numeric": ["normal", "tabular-nums slashed-zero"],
  "font-variation-settings": ["normal", "\"wght\" 350"],
  "font-weight": ["400", "bold"],
  "letter-spacing": ["normal", "0.5px", "-0.02px"],
  "line-height": ["normal", "24px", "1.5"],
  "text-align": ["start", "center", "-webkit-center"],
  "text-decoration-line": ["none", "underline line-through"],
  "text-indent": ["0px", "10%"],
  "text-shadow": ["none", "rgb(0, 0, 0) 1px 1px 2px", "rgba(0, 0, 0, 0.5) 0px 1px 0px, rgb(9, 9, 9) 1px 1px 1px"],
  "text-transform": ["none", "uppercase"],
  "white-space": ["normal", "pre-wrap"],
};

test("takes the values that browsers compute", () => {
  for (const [name, values] of Object.entries(computed)) {
    for (const value of values) assert.ok(isAllowed(name, value), `${name}: ${value}`);
  }
});

/** What would ask somebody for something, look something up, or end the declaration. */
const hostile = [
  "url(https://evil.example/x)", "url('https://evil.example')", "URL(//evil)", "u\\72l(//evil)", "red url(//evil)", "src(\"//evil\")",
  "image-set(\"//evil\" 1x)", "-webkit-image-set(url(//evil) 1x)", "cross-fade(url(//evil), red)", "element(#x)", "paint(x)",
  "var(--x)", "env(x)", "attr(data-x)", "calc(1px + 1px)", "expression(alert(1))", "@import '//evil'", "red; background: url(//evil)",
  "red} input{background:url(//evil)}", "red/**/", "\"a\\\"; }\"", "\"</style>\"", "local(\"x\")", "format(\"x\")", "if(style(--x): red)",
  "linear-gradient(red, blue)", "\nred", "red\n", "red ", "rgb(1,2)", "rgb(1,2,3,4,5)", "rgb(a)", "color(--x 1 2 3)",
  "1e999px", "99999999px", "1px".repeat(200), "\u202ered", "<!--", "\\", "inherit;", "--x", "{", "(", ")", "\"", "'",
];

test("allows no property a value that asks, looks up or breaks out", () => {
  for (const name of properties) {
    for (const value of hostile) {
      assert.equal(isAllowed(name, value), false, `${name}: ${value}`);
      assert.equal(isAllowed(name, `red, ${value}`), false, `${name}: red, ${value}`);
    }
  }
});

test("knows no property beside those of its list", () => {
  for (const name of ["background", "background-image", "content", "position", "src", "--x", "animation", "filter", "mask", "width", "-webkit-text-security", "constructor", "__proto__", "cssText"]) {
    assert.equal(isAllowed(name, "red"), false, name);
    assert.equal(isAllowed(name, "none"), false, name);
  }
});

test("answers within a blink for values that are made to be slow", () => {
  const slow = ["rgb(" + "1".repeat(500), "1 ".repeat(250), "a-".repeat(250), "a ".repeat(255), `"${"a ".repeat(200)}`, "\"abcd\" 1, ".repeat(50), "red 1px 1px 1px, ".repeat(29), "1.".repeat(250), "é".repeat(511), "rgb(1 1 1) ".repeat(45)];
  const began = performance.now();
  for (const name of properties) for (const value of slow) isAllowed(name, value);
  assert.ok(performance.now() - began < 200, `${performance.now() - began} ms`);
});

test("sets what is allowed, and takes away what no longer is", () => {
  const set = new Map();
  const element = { style: { setProperty: (name, value) => set.set(name, value) } };
  applyStyle(element, { color: "red", "font-family": "url(x)", background: "red" });
  assert.equal(set.get("color"), "red");
  assert.equal(set.get("font-family"), "");
  assert.equal(set.has("background"), false);
});
