// How elements look and where they lie, whatever the page does, in Firefox ESR.

import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../driver.mjs";
import {
  box,
  clickInto,
  field,
  FORM,
  grouped,
  holds,
  MASK,
  page,
  part,
  press,
  show,
  shown,
  SSN,
  text,
  tokens,
  ways,
} from "../site.mjs";

const STYLE = `<style>
  .red { color: rgb(200, 0, 0); font: italic 20px monospace; letter-spacing: 2px; text-align: right }
  .dark { color-scheme: dark }
  secure-input::part(placeholder) { color: rgb(0, 100, 0); text-transform: uppercase }
  secure-input:state(user-invalid) { border-color: rgb(1, 2, 3) }
</style>`;

/** Wait until something in an element's frame is styled so. */
async function wears(element, selector, style, pseudo = null) {
  const inner = await part(element, selector);
  for (const [name, wanted] of Object.entries(style)) {
    const read = () =>
      inner.evaluate((each, of, what) => getComputedStyle(each, of).getPropertyValue(what), pseudo, name);
    await until(async () => (await read()) === wanted, `${name} ${wanted}`).catch(async (error) => {
      throw new Error(`${error.message}; but ${await read()}`);
    });
  }
}

/** Whether the box in the frame, as the page sees it, covers the element. */
async function liesInItsPlace(element) {
  const [host, frame] = await page.$eval(element, (each) =>
    [each.box, (each.group ?? each).iframe].map((one) => {
      const { x, y, width } = one.getBoundingClientRect();
      return [x, y, width];
    }),
  );
  const [x, y, width, all] = await (await box(element)).evaluate((each) => {
    const rect = each.getBoundingClientRect();
    return [rect.x, rect.y, rect.width, innerWidth];
  });
  const scale = frame[2] / all;
  const seen = [frame[0] + x * scale, frame[1] + y * scale, width * scale];
  if (seen.some((each, at) => Math.abs(each - host[at]) > 4)) throw new Error(`${seen} for ${host}`);
  return true;
}

for (const [where, wrap] of ways) {
  test(`a frame follows the page's style at any time, ${where}`, async () => {
    await show(STYLE + wrap(`<div id=around>${field("placeholder=hint required")}</div>`));
    await page.evaluate(() => (ssn.className = "red"));
    await wears("#ssn", "input", {
      color: "rgb(200, 0, 0)",
      "font-family": "monospace",
      "font-style": "italic",
      "font-size": "20px",
      "letter-spacing": "2px",
      "text-align": "right",
    });
    await wears("#ssn", "input", { color: "rgb(0, 100, 0)", "text-transform": "uppercase" }, "::placeholder");
    await page.evaluate(() => {
      ssn.className = "";
      ssn.style.font = "inherit";
      document.documentElement.className = "dark";
      around.style.fontSize = "31px";
    });
    await wears("#ssn", "input", { "font-size": "31px", "font-style": "normal", "color-scheme": "dark" });
  });

  test(`a field keeps its place, hidden, shown again and zoomed, ${where}`, async () => {
    await show(wrap(`${field("", "first")}<p id=around>${field()}</p>`));
    const shift = await page.evaluate(() => {
      ssn.focus();
      const before = ssn.getBoundingClientRect().top;
      around.style.display = "none";
      return new Promise((resolve) => {
        requestAnimationFrame(() => {
          around.style.display = "";
          resolve(ssn.getBoundingClientRect().top - before);
        });
      });
    });
    assert.equal(shift, 0);
    for (const zoom of ["1", "2"]) {
      await page.evaluate((by) => (document.body.style.zoom = by), zoom);
      await until(() => liesInItsPlace("#ssn"), `it lies in its place at ${zoom}`);
    }
    await clickInto();
    await holds(() => getComputedStyle(ssn).outlineStyle === "auto");
    await clickInto("#first");
    await holds(() => getComputedStyle(ssn).outlineStyle !== "auto");
  });

  test(`what is wrong shows once somebody was there, ${where}`, async () => {
    await show(STYLE + FORM(wrap(field("required placeholder=hint"))));
    const border = () => page.$eval("#ssn", (each) => getComputedStyle(each).borderTopColor);
    const before = await border();
    await clickInto();
    await page.keyboard.type("x");
    await press("Backspace");
    await holds(() => ssn.validity.valueMissing);
    assert.equal(await border(), before);
    await press("Tab");
    await until(async () => (await border()) === "rgb(1, 2, 3)", "it is marked");
  });
}

test("nothing moves when elements come", async () => {
  const before = `<style>
    secure-input:not(:defined), secure-text:not(:defined) { display: inline-block; inline-size: 20ch; block-size: 1lh; }
    secure-input:not(:defined)::before, secure-text:not(:defined)::before { content: "\\200b"; }
    secure-group:not(:defined) { display: block; position: relative; }</style>`;
  const note = "<p id=after>after<script>window.tops = [after.getBoundingClientRect().top]</script>";
  const texts = `<p>${text(tokens[0])} and ${text(tokens[1], "reveal=click", "b")}</p>`;
  await show(before + texts + grouped(texts) + note, false);
  await page.evaluate(() => {
    const look = () => tops.push(after.getBoundingClientRect().top) && requestAnimationFrame(look);
    look();
  });
  await shown(SSN, "#a");
  await shown(MASK, "secure-group > p > #b");
  const tops = await page.evaluate(() => tops);
  assert.ok(tops.every((each) => Math.abs(each - tops[0]) < 1), tops.join());
});

test("a field stands on the line as a native one does", async () => {
  await show(`<p>x <input id=native> ${field()} y`);
  const [native, ours] = await page.evaluate(() =>
    [document.querySelector("#native"), ssn].map((each) => {
      const { y, height } = each.getBoundingClientRect();
      return [y, height];
    }),
  );
  assert.ok(native.every((each, at) => Math.abs(each - ours[at]) <= 2), `${native} and ${ours}`);
});

test("what lies between the fields of a group is the page's to click", async () => {
  const own = "<a href=#there id=link>link</a><button id=go type=button>go</button><input id=own>";
  await show(grouped(field() + own + text(tokens[0])));
  await shown(SSN, "#a");
  await page.evaluate(() => {
    window.clicks = [];
    onclick = ({ target }) => clicks.push(target.id);
  });
  for (const element of ["#link", "#go", "#own"]) await page.click(element);
  assert.equal(await page.evaluate(() => clicks.join()), "link,go,own");
  assert.equal(await page.evaluate(() => document.activeElement.id), "own");
  // Where nothing takes the caret, values let clicks through.
  await page.evaluate(() => ssn.remove());
  const isThrough = () => document.querySelector("secure-group").iframe.style.pointerEvents === "none";
  await holds(isThrough);
  await page.click("#a");
  assert.equal(await page.evaluate(() => clicks.at(-1)), "a");
});
