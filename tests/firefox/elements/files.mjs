// Files that are chosen, refused, removed, canceled and fetched again, in Firefox ESR.

import assert from "node:assert/strict";
import { readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { frameOf, until } from "../driver.mjs";
import {
  FORM,
  grant,
  hear,
  holds,
  page,
  posted,
  PROFILE,
  show,
  shown,
  store,
  text,
} from "../site.mjs";

/** Tokens of what the first test sends. */
let files;

const upload = (attributes) => FORM(`<label for=up>Documents</label>
  <secure-upload id=up name=docs ${attributes}></secure-upload>`);

/** Make a file, of that size if it says nothing. */
async function made(name, content, size = 0) {
  const path = join(PROFILE, name);
  await writeFile(path, content);
  if (size) await truncate(path, size);
  return path;
}

async function choose(...paths) {
  const frame = await frameOf(page, "#up");
  await (await frame.waitForSelector("input[type=file]")).uploadFile(...paths);
  return frame;
}

const rows = (frame, state = "") =>
  frame.$$eval(`li${state && `[data-state=${state}]`}`, (all) => all.map((each) => each.innerText));

async function click(frame, label) {
  await (await frame.waitForSelector(`button[aria-label="${label}"]`)).click();
}

test("files are chosen and removed, and the form posts a token for each that is left", async () => {
  await show(upload("multiple required"));
  assert.ok(await page.evaluate(() => up.validity.valueMissing && !form.reportValidity()));
  await hear("input", "change", "secure-progress");
  const frame = await choose(await made("one.txt", "one"), await made("two.txt", "two"));
  await choose(await made("three.txt", "three"));
  await until(async () => (await rows(frame, "sent")).length === 3, "three files are sent");
  await click(frame, "Remove two.txt");
  await holds(() => up.checkValidity() && up.pending && up.value === "");
  const heard = await page.evaluate(() => heard.filter((each) => each === "change up").length);
  assert.equal(heard, 3);
  await page.click("#go");
  files = (await posted()).docs.split(" ");
  assert.equal(new Set(files).size, 2);
  await grant(files);
});

test("what is too large, empty or of another kind is refused, and says so", async () => {
  await show(upload("multiple accept=.txt max-size=1kB"));
  const frame = await choose(
    await made("large.txt", "", 1_001),
    await made("empty.txt", ""),
    await made("picture.png", "no"),
    await made("right.txt", "right"),
  );
  await until(async () => (await rows(frame, "sent")).length === 1, "one file is sent");
  const said = (await rows(frame, "failed")).join();
  for (const words of ["Too large", "Not this kind of file. Choose .txt.", "empty"]) {
    assert.ok(said.includes(words), said);
  }
  assert.ok(!(await page.evaluate(() => up.checkValidity())));
  for (const name of ["large.txt", "empty.txt", "picture.png"]) await click(frame, `Remove ${name}`);
  await holds(() => up.checkValidity());
  await page.click("#go");
  assert.equal((await posted()).docs.split(" ").length, 1);
});

test("an upload under way is canceled, and holds no form", async () => {
  await show(upload(""));
  const frame = await choose(await made("long.bin", "", 400 * 1024 * 1024));
  await click(frame, "Cancel long.bin");
  await until(async () => (await rows(frame)).length === 0, "nothing is listed");
  await holds(() => !up.pending);
  assert.equal(await frame.evaluate(() => document.activeElement.innerText), "Choose file…");
  await page.click("#go");
  assert.deepEqual(await posted(), {});
});

test("stored files stand there, one is removed, and a reset brings it back", async () => {
  await show(upload(`multiple token="${files.join(" ")}"`));
  const frame = await frameOf(page, "#up");
  const names = async () => (await rows(frame)).map((each) => /\w+\.txt/.exec(each)?.[0]).join();
  await until(async () => (await names()) === "one.txt,three.txt", "both are named");
  await click(frame, "Remove one.txt");
  await holds((token) => up.value === token, files[1]);
  await page.evaluate(() => form.reset());
  await until(async () => (await names()) === "one.txt,three.txt", "both are back");
  assert.deepEqual(await page.evaluate(() => up.tokens), files);
});

test("a file is fetched by its link, and what is none says so", async () => {
  const [text] = await store("no file");
  const downloads = [files[1], text].map(
    (token, at) => `<secure-download id=d${at} token=${token}></secure-download>`,
  );
  await show(downloads.join(""));
  const frame = await frameOf(page, "#d0");
  const words = () => frame.$eval(".start", (each) => each.innerText);
  await until(async () => (await words()).includes("three.txt"), "its name is shown");
  await (await frame.$(".start")).click();
  // Beside the file of that name that went up.
  const isThere = async () => (await readFile(join(PROFILE, "three(1).txt"), "utf8")) === "three";
  await until(isThere, "it is on the disk");
  await holds(() => d1.problem?.code === "not_a_file");
});
