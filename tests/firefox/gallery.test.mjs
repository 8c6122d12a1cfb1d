// A file up and down again, and the fields of a group, in Firefox ESR, on the demo's gallery.

import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { firefox, frameOf, goTo, until, visitor } from "./driver.mjs";

const { APPLICATION, PROFILE, BEHAVIOR } = process.env;
const SSN = "219-09-9999"; // printed in an advertisement: it was never given to anybody
const CONTENT = Buffer.from(Array.from({ length: 2_500_000 }, (_, at) => (at * at) % 251));

let browser;
let page;

before(async () => {
  browser = await firefox(PROFILE, Number(BEHAVIOR), {
    "browser.download.folderList": 2,
    "browser.download.dir": PROFILE,
    "browser.download.alwaysOpenPanel": false,
    "browser.helperApps.neverAsk.saveToDisk": "application/octet-stream",
  });
  ({ page } = await visitor(browser));
  await goTo(page, `${APPLICATION}/sign-up`);
  await page.type("#username", `ada-${process.pid}`);
  await page.type("#password", "correct horse battery");
  await page.click("#sign-up");
  await page.waitForSelector("#log-out");
});
after(() => browser?.close());

test("a file is sent, and becomes a token with its form", async () => {
  const file = join(PROFILE, "up.bin");
  await writeFile(file, CONTENT);
  await goTo(page, `${APPLICATION}/gallery`);
  const number = await (await frameOf(page, "#ssn")).waitForSelector("input");
  await number.click();
  await page.keyboard.type(SSN);
  const frame = await frameOf(page, "#files");
  await (await frame.waitForSelector("input[type=file]")).uploadFile(file);
  await until(() => frame.$("li[data-state=sent]"), "the file is sent");
  await page.click("#save");
  await page.waitForSelector("secure-download");
});

test("and comes down as it went up", async () => {
  const frame = await frameOf(page, "secure-download");
  const named = async () => (await frame.$eval(".start", (each) => each.innerText)).includes("up.bin");
  await until(named, "its name is shown");
  await (await frame.$(".start")).click();
  // Beside the file of that name that went up.
  const isThere = async () => CONTENT.equals(await readFile(join(PROFILE, "up(1).bin")));
  await until(isThere, "it is on the disk, whole");
});

test("a group shows its values in one frame", async () => {
  const frame = await frameOf(page, "secure-group:has(table)");
  const texts = () => frame.$$eval("span", (all) => all.map((each) => each.textContent));
  await until(async () => (await texts()).filter((each) => each === SSN).length === 5, "five values");
  assert.ok(!(await page.content()).includes(SSN));
  assert.equal(await page.$$eval("table secure-text", (all) => all.length), 5);
});

test("a group is typed into", async () => {
  await page.$eval("#cc-exp", (each) => each.scrollIntoView());
  const frame = await frameOf(page, "secure-group:has(#cc-exp)");
  await page.$eval("#cc-exp", (each) => each.focus());
  const isIn = () => page.$eval("#cc-exp", (each) => each.matches(":state(focus)"));
  await until(isIn, "the field has the focus");
  await page.keyboard.type("12/34");
  const typed = async () =>
    (await frame.$$eval("input", (all) => all.map((each) => each.value))).includes("12/34");
  await until(typed, "what is typed stands in the frame");
  assert.ok(await page.$eval("#cc-exp", (each) => each.pending && each.value === ""));
});
