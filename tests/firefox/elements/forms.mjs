// Forms, and elements that move, are disabled or lose their frame, in Firefox ESR.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  box,
  clickInto,
  field,
  FORM,
  grouped,
  has,
  holds,
  page,
  posted,
  press,
  show,
  SSN,
  stored,
  tokens,
  typed,
  ways,
} from "../site.mjs";

test("Enter is the form's default button, with its name and value", async () => {
  const form = FORM(field("name=ssn")).replace("<button id=go>", "<button name=action value=save>");
  await show(form);
  await clickInto();
  await page.keyboard.type("x");
  await press("Enter");
  const { action, ssn } = await posted();
  assert.equal(action, "save");
  assert.match(ssn, /^lunasec-/);
});

test("a form that passes by every event posts no value", async () => {
  await show(FORM(field(`name=ssn token=${tokens[0]}`)));
  await stored(SSN);
  await clickInto();
  await page.keyboard.type("new");
  await holds(() => ssn.pending);
  await page.evaluate(() => form.submit());
  assert.deepEqual(await posted(), {});
});

test("a form in a shadow tree is held too", async () => {
  await show("<div id=host></div>");
  await page.evaluate(
    (inner) => {
      const root = host.attachShadow({ mode: "open" });
      root.innerHTML = inner;
      window.inner = root.querySelector("secure-input");
    },
    FORM(field("name=ssn")),
  );
  await holds(() => inner.iframe?.classList.contains("ready"));
  await page.evaluate(() => inner.focus());
  await holds(() => inner.matches(":state(focus)"));
  await page.keyboard.type("x");
  await holds(() => inner.pending);
  await press("Enter");
  assert.match((await posted()).ssn, /^lunasec-/);
});

test("what a field had when its page was reloaded is there again, as a token", async () => {
  await show(FORM(field("name=ssn")));
  await page.evaluate((token) => (ssn.value = token), tokens[0]);
  await stored(SSN);
  await page.reload();
  await stored(SSN);
  assert.equal(await page.evaluate(() => ssn.value), tokens[0]);
});

test("reset empties what was typed, and brings back what there was", async () => {
  const fields = field("name=ssn") + field(`name=b token=${tokens[0]}`, "b");
  await show(`<form id=form>${grouped(fields)}</form>`);
  await stored(SSN, "#b");
  for (const element of ["#ssn", "#b"]) {
    await clickInto(element);
    await page.keyboard.type("new");
    await typed("new", element);
  }
  await holds(() => ssn.pending && b.pending);
  await page.evaluate(() => form.reset());
  await typed("");
  await stored(SSN, "#b");
  const data = await page.evaluate(() => Object.fromEntries(new FormData(form)));
  assert.deepEqual(data, { ssn: "", b: tokens[0] });
});

for (const [where, wrap] of ways) {
  test(`a form is held, and posts tokens, ${where}`, async () => {
    const fields = field("name=ssn required validator=ssn") + field("name=b", "b");
    await show(FORM(wrap(fields)));
    assert.ok(await page.evaluate(() => ssn.validity.valueMissing && !form.reportValidity()));
    await holds(() => ssn.matches(":state(user-invalid)"));
    await clickInto();
    await page.keyboard.type("219-09-999");
    await holds(() => ssn.validity.patternMismatch && ssn.validationMessage !== "");
    await has("#ssn", "input", "ariaInvalid", "true");
    await page.keyboard.type("9");
    await holds(() => ssn.matches(":valid") && !ssn.matches(":state(user-invalid)"));
    await clickInto("#b");
    await page.keyboard.type("שלום");
    await press("Enter");
    const values = Object.values(await posted());
    assert.equal(new Set(values.filter((each) => /^lunasec-[\w-]{49}$/.test(each))).size, 2);
  });

  test(`a fieldset disables what is in it, ${where}`, async () => {
    const inner = wrap(field("name=ssn required"));
    await show(`<form id=form><fieldset id=set>${inner}</fieldset></form>`);
    await page.evaluate(() => (set.disabled = true));
    await has("#ssn", "input", "disabled", true);
    assert.ok(await page.evaluate(() => !ssn.willValidate && ![...new FormData(form)].length));
    await page.evaluate(() => (set.disabled = false));
    await has("#ssn", "input", "disabled", false);
  });

  test(`what is typed and goes with its frame is said to be lost, ${where}`, async () => {
    // Of a moved shadow tree Firefox loads each frame anew, with `moveBefore` as well.
    const moves = ["document.body.append(ssn)", "document.body.moveBefore(ssn, null)", ""];
    for (const move of moves) {
      await show(FORM(wrap(field("name=ssn"))));
      await page.evaluate(() => {
        window.codes = [];
        addEventListener("secure-error", ({ detail }) => codes.push(detail.code));
      });
      await clickInto();
      await page.keyboard.type("typed");
      await holds(() => ssn.pending);
      if (move) await page.evaluate(move);
      else await (await box()).evaluate(() => void setTimeout(() => location.reload()));
      await holds(() => codes.join() === "typing_lost" && !ssn.pending);
      await holds(() => (ssn.group ?? ssn).iframe?.classList.contains("ready"));
      await typed("");
    }
  });
}
