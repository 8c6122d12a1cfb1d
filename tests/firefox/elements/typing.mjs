// What is typed: masks, limits, undo, and what of it the page and its forms hear, in Firefox ESR.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  box,
  caretIn,
  clickInto,
  field,
  grouped,
  has,
  hear,
  holds,
  page,
  press,
  show,
  SSN,
  stored,
  tokens,
  typed,
  ways,
} from "../site.mjs";

/** Open a page, and click into its field. */
async function begin(body, element = "#ssn") {
  await show(body);
  await clickInto(element);
}

/** Have a text on the clipboard, as a person puts it there. */
async function copy(text) {
  await page.$eval("#other", (each, value) => Object.assign(each, { value }).select(), text);
  await page.focus("#other");
  await press("Control+a", "Control+c");
}

async function caretAt(at) {
  const input = await box();
  assert.deepEqual(await input.evaluate((each) => [each.selectionStart, each.selectionEnd]), [at, at]);
}

const MASKED = [
  ["mask=ssn", "219099999x7", SSN],
  ["validator=card", "4242424242424242", "4242 4242 4242 4242"],
  ["mask=phone", "+12025550143", "+1 202 555 0143"],
  ["mask=date", "19841231", "1984-12-31"],
  ["validator=plate", "ab1234", "AB-1234"],
];
test("masks group what is typed", async () => {
  const body = MASKED.map(([how], at) => field(how, `m${at}`)).join("");
  await show(grouped(body));
  for (const [at, [, keys, text]] of MASKED.entries()) {
    await clickInto(`#m${at}`);
    await page.keyboard.type(keys);
    await typed(text, `#m${at}`);
  }
});

test("the caret stays where it was", async () => {
  await begin(field("mask=ssn"));
  await page.keyboard.type("2199999");
  for (const [keys, text, at] of [
    [Array(5).fill("ArrowLeft"), "219-99-99", 4],
    [["0"], "219-09-999", 5],
    [["5"], "219-05-9999", 6],
    [["7"], "219-05-9999", 6],
    [["Backspace"], "219-09-999", 5],
    [["Backspace", "Backspace"], "219-99-9", 2],
  ]) {
    await press(...keys);
    await typed(text);
    await caretAt(at);
  }
});

test("undo and redo go through what stood there", async () => {
  await begin(field("mask=ssn"));
  const texts = [""];
  const input = await box();
  const read = () => input.evaluate((each) => each.value);
  for (const digit of "219099999") {
    await press(digit);
    texts.push(await read());
  }
  await press("Home", "Delete");
  texts.push(await read());
  for (const [key, end] of [
    ["Control+z", ""],
    ["Control+Shift+z", texts.at(-1)],
  ]) {
    const seen = new Set();
    for (let at = 0; at < 24 && !seen.has(end); at += 1) {
      await press(key);
      seen.add(await read());
    }
    assert.ok(seen.has(end) && seen.size > 2, [...seen].join());
    assert.deepEqual([...seen].filter((each) => !texts.includes(each)), []);
  }
});

test("what is pasted is cleaned, takes the room there is, and is undone", async () => {
  await show(`<input id=other>${field("mask=ssn")}`);
  await copy("no. 09 99 12");
  await clickInto();
  await page.keyboard.type("21999");
  await press("ArrowLeft", "ArrowLeft", "Control+v");
  await typed(SSN);
  await caretAt(9);
  await press("Control+z");
  await typed("219-99");
  await press("Control+a", "Control+v");
  await typed("099-91-2");
  await press("Home", "Shift+ArrowRight", "Shift+ArrowRight", "Control+x");
  await typed("991-2");
  await page.click("#other");
  await press("Control+a", "Control+v");
  assert.equal(await page.$eval("#other", (each) => each.value), "09");
});

test("limits, kinds and states are those of a native field", async () => {
  const fields = [
    field("type=password", "secret"),
    field("type=email minlength=4", "mail"),
    field("readonly", "kept"),
    field("disabled", "off"),
  ];
  await show(fields.join(""));
  for (const [element, keys, text] of [
    ["#secret", "abc", "abc"],
    ["#mail", "abc", "abc"],
    ["#kept", "abc", ""],
  ]) {
    await clickInto(element);
    await page.keyboard.type(keys);
    await typed(text, element);
  }
  await has("#secret", "input", "type", "password");
  await holds(() => mail.validity.typeMismatch && mail.validity.tooShort);
  await has("#kept", "input", "readOnly", true);
  await has("#off", "input", "disabled", true);
  await page.click("#off");
  await page.keyboard.type("x");
  await typed("", "#off");
  assert.ok(!(await page.evaluate(() => off.willValidate)));
  await page.evaluate(() => (off.disabled = false));
  await has("#off", "input", "disabled", false);
});

test("the first edit takes a stored value away whole, for good", async () => {
  for (const keys of [
    ["x", "Control+z"],
    ["Backspace", "Control+z", "Control+Shift+z"],
    ["Control+a", "Control+x", "Control+v"],
    ["x", "Backspace", "Control+z", "Control+z", "Control+z"],
  ]) {
    await show(grouped(`<input id=other>${field(`token=${tokens[0]}`)}`));
    await stored(SSN);
    await copy("before");
    await clickInto();
    await press(...keys);
    const value = await (await box()).evaluate((each) => each.value);
    assert.ok((await page.evaluate(() => ssn.value !== "")) || !/\d/.test(value), `${keys}: ${value}`);
  }
});

for (const [where, wrap] of ways) {
  test(`each key is one event, and none has the value, ${where}`, async () => {
    await show(wrap(`<input id=other>${field("mask=ssn")}`));
    await hear("keydown", "keyup", "beforeinput", "paste", "input", "change");
    await clickInto();
    await page.keyboard.type("2190x");
    await press("Backspace", "7");
    await page.click("#other");
    await holds(() => heard.includes("change ssn"));
    const wanted = [...Array(6).fill("input ssn"), "change ssn"];
    assert.deepEqual(await page.evaluate(() => heard), wanted);
    assert.ok(await page.evaluate(() => ssn.pending && ssn.value === ""));
  });
}

test("maxlength counts and cuts as in a native field", async () => {
  const ours = "<secure-textarea id=ssn maxlength=4></secure-textarea>";
  await show(`<input id=other>${ours}<textarea id=native maxlength=4></textarea>`);
  await copy("a😀😀😀");
  for (const element of ["#native", "#ssn"]) {
    await page.click(element);
    if (element === "#ssn") await caretIn();
    await press("Enter", "Control+v");
  }
  assert.equal(await page.$eval("#native", (each) => each.value), "\na😀");
  await typed("\na😀");
});

test("lines are typed from right to left, and undone", async () => {
  await begin("<secure-textarea id=ssn dir=rtl></secure-textarea>");
  await page.keyboard.type("של");
  await press("Enter");
  await page.keyboard.type("ום");
  await typed("של\nום");
  const input = await box();
  assert.equal(await input.evaluate((each) => getComputedStyle(each).direction), "rtl");
  await press(...Array(5).fill("Control+z"));
  await typed("");
  await press(...Array(5).fill("Control+Shift+z"));
  await typed("של\nום");
});

test("an area grows by whole lines of typed text, as far as it may", async () => {
  await begin("<secure-textarea id=ssn rows=2 auto-grow max-rows=4></secure-textarea>");
  const [flat, line] = await page.evaluate(() => {
    const strut = Object.assign(document.createElement("p"), { textContent: "x" });
    strut.style.font = getComputedStyle(ssn).font;
    document.body.append(strut);
    return [ssn, strut].map((each) => each.getBoundingClientRect().height);
  });
  const isHigh = (wanted) => Math.abs(ssn.getBoundingClientRect().height - wanted) < 1.5;
  for (const more of [0, 1, 2, 2, 2]) {
    await page.keyboard.type("x");
    await press("Enter");
    await holds(isHigh, flat + more * line);
  }
  await press("Control+a", "Delete");
  await holds((before) => ssn.getBoundingClientRect().height === before, flat);
});
