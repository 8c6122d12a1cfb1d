// What stored values show, to whom and for how long, in Firefox ESR.

import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../driver.mjs";
import {
  CARD,
  field,
  grant,
  grouped,
  has,
  hear,
  holds,
  MASK,
  page,
  part,
  press,
  show,
  shown,
  SSN,
  stored,
  text,
  TOKENIZER,
  tokens,
  ways,
} from "../site.mjs";

const code = (element, wanted) =>
  holds((name, one) => document.querySelector(name).problem?.code === one, element, wanted);

async function click(element, selector) {
  await (await part(element, selector)).click();
}

for (const [where, wrap] of ways) {
  test(`a click and a key reveal and mask again, ${where}`, async () => {
    await show(wrap(text(tokens[0], "reveal=click aria-label=Number")));
    await shown(MASK, "#a");
    await has("#a", "button", "ariaLabel", "Show Number");
    await click("#a", "button");
    await shown(SSN, "#a");
    assert.ok(!(await page.content()).includes(SSN));
    await click("#a", "button");
    await shown(MASK, "#a");
    await press("Enter");
    await shown(SSN, "#a");
  });

  test(`a value is gone with its grant, and after its time, ${where}`, async () => {
    await show(wrap(text(tokens[0], "remask=1") + text("", "", "b")));
    await hear("secure-expired");
    await grant(tokens.slice(1, 2), { expires_in: 3 });
    await page.evaluate((token) => (b.token = token), tokens[1]);
    await holds(() => heard.join() === "secure-expired b");
    await shown(MASK, "#a");
    await shown(MASK, "#b");
    await grant(tokens);
    await page.evaluate(() => b.refresh());
    await shown(CARD, "#b");
  });

  test(`a wrong token is said in its own place alone, ${where}`, async () => {
    const typo = tokens[0].slice(0, -1) + (tokens[0].endsWith("A") ? "B" : "A");
    const body = text(tokens[0]) + text(typo, "", "b") + text(SSN, "", "c");
    await show(wrap(body + field(`token=${typo}`)));
    await shown(SSN, "#a");
    await code("#b", "not_granted");
    await code("#c", "token_malformed");
    await code("#ssn", "not_granted");
    const said = "#b >>> [part=message]";
    assert.equal(await page.$eval(said, (each) => each.innerText), "Not available");
    assert.equal(await page.$eval("#b", (each) => each.ariaInvalid), "true");
    await page.evaluate((token) => (b.token = token), tokens[0]);
    await shown(SSN, "#b");
    await holds(() => !b.problem && b.ariaInvalid === null);
  });
}

test("values are written as the page asks, in its language", async () => {
  const written = [
    [tokens[0], "as=last4", "•••• 9999"],
    [tokens[1], "as=card", "4242 4242 4242 4242"],
    [tokens[2], "as=phone", "+1 202 555 0143"],
    [tokens[3], "as=date", "June 5, 1987"],
    [tokens[3], "as=date lang=de", "5. Juni 1987"],
    [tokens[1], "as=ssn", CARD],
  ];
  const texts = written.map(([token, as], at) => text(token, as, `t${at}`));
  await show(`<div lang=en-US>${grouped(texts.join(""))}</div>`);
  for (const [at, [, , wanted]] of written.entries()) await shown(wanted, `#t${at}`);
});

test("a value is copied where its grant says so, and not else", async () => {
  await show(`${text(tokens[0], "copy")}<input id=paste value=before>`);
  await shown(SSN, "#a");
  await has("#a", "button.copy", "innerText", "Copy");
  await click("#a", "button.copy");
  await code("#a", undefined);
  await has("#a", "button.copy", "innerText", "Can’t copy");
  await grant(tokens.slice(0, 1), { copy: true });
  await click("#a", "button.copy");
  await has("#a", "button.copy", "innerText", "Copied");
  await page.focus("#paste");
  await press("Control+a", "Control+v");
  assert.equal(await page.$eval("#paste", (each) => each.value), SSN);
});

for (const [where, wrap] of ways) {
  test(`a value is not copied out of a text, a field, or all of them, ${where}`, async () => {
    const own = "<input id=other value=before>";
    const texts = text(tokens[0]) + text(tokens[1], "", "b");
    await show(wrap(own + field(`token=${tokens[0]}`) + texts));
    await shown(SSN, "#a");
    await stored(SSN);
    await page.focus("#other");
    await press("Control+a", "Control+c");
    for (const element of ["#ssn", "#a"]) {
      const { x, y, width, height } = await (await page.$(element)).boundingBox();
      await page.mouse.click(x + width / 4, y + height / 2, { count: 2 });
      await press("Control+c", "Control+a", "Control+c", "Control+x");
    }
    await page.click("#other");
    await press("Control+a", "Control+v");
    assert.equal(await page.$eval("#other", (each) => each.value), "before");
  });
}

test("many fields alone point to the group in the console", async () => {
  const said = [];
  const note = (each) => said.push(each.text());
  page.on("console", note);
  await show(field("", "x").repeat(20));
  assert.ok(!said.join().includes("ungrouped"));
  await show(field("", "x").repeat(22));
  await until(async () => said.length, "the console says something");
  page.off("console", note);
  const hints = said.filter((each) => each.includes("ungrouped"));
  assert.deepEqual(hints, [`lunasec: ungrouped, see ${TOKENIZER}/errors#ungrouped`]);
});
