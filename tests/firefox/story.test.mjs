// The sessions and what they show, in Firefox ESR, against the demo that the environment names.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { firefox, frameOf, goTo, until, visitor } from "./driver.mjs";

const { APPLICATION, TOKENIZER, PROFILE, BEHAVIOR, COOKIELESS } = process.env;
const SSN = "219-09-9999"; // printed in an advertisement: it was never given to anybody
const PASSWORD = "correct horse battery";
const MASK = "•".repeat(8);

let browser;
let ada;
let token;
const couriers = [];

const textOf = async (page, element) =>
  (await frameOf(page, element)).evaluate(() => document.body.innerText);
const problem = (page, element) => page.$eval(element, (each) => each.problem?.code ?? "");
const sees = (page, element, value) =>
  until(async () => {
    const text = await textOf(page, element);
    if (text.includes(value)) return true;
    throw new Error(`"${text}" ${await problem(page, element)} ${page.url()}`);
  }, `${element} shows ${value}`);
const isRefused = (page, element, code) =>
  until(async () => (await problem(page, element)) === code, `${element} says ${code}`);

async function framesHold(page, value) {
  const script =
    () => document.body.innerText + [...document.querySelectorAll("input")].map((each) => each.value);
  const texts = page.frames().map((each) => each.evaluate(script).catch(() => ""));
  return (await Promise.all(texts)).join().includes(value);
}

async function signUp(page, name, ssn) {
  await goTo(page, `${APPLICATION}/sign-up`);
  await page.type("#username", name);
  await page.type("#password", PASSWORD);
  if (ssn) {
    const field = await (await frameOf(page, "#ssn")).waitForSelector("input");
    await field.click();
    await page.keyboard.type(ssn);
  }
  await page.click("#sign-up");
  await page.waitForSelector("#log-out");
}

before(async () => {
  browser = await firefox(PROFILE, Number(BEHAVIOR));
  ada = await visitor(browser);
  ada.page.on("request", (each) => {
    if (each.url().startsWith(`${TOKENIZER}/frame/demo/coordinator?`)) couriers.push(each.url());
  });
});
after(() => browser?.close());

test("a number that is typed becomes a token, and is shown to its own session", async () => {
  const { page } = ada;
  await signUp(page, `ada-${process.pid}`, SSN);
  await sees(page, "#ssn-shown", SSN);
  assert.ok(!(await page.content()).includes(SSN));
  await goTo(page, `${APPLICATION}/database`);
  token = (await page.$eval("#stored-token", (each) => each.innerText)).trim();
  assert.match(token, /^lunasec-[\w-]{49}$/);
});

test("by cookies where they arrive, and else without any", async () => {
  assert.equal(couriers.length > 0, COOKIELESS === "yes", couriers.join());
  const kept = (await ada.context.cookies()).map(({ name }) => name);
  assert.ok(kept.includes("demo"));
  assert.equal(kept.includes("__Host-lunasec-demo"), COOKIELESS === "no", kept.join());
});

test("a click reveals, and masks again", async () => {
  const { page } = ada;
  await goTo(page, `${APPLICATION}/profile`);
  await page.waitForSelector("#ssn-shown");
  await page.$eval("#ssn-shown", (each) => each.setAttribute("reveal", "click"));
  await page.$eval("#ssn-shown", (each) => each.refresh());
  await sees(page, "#ssn-shown", MASK);
  assert.ok(!(await framesHold(page, SSN)));
  const click = async () => (await (await frameOf(page, "#ssn-shown")).$("button")).click();
  await click();
  await sees(page, "#ssn-shown", SSN);
  await click();
  await sees(page, "#ssn-shown", MASK);
});

test("nobody else sees it", async () => {
  const { page, context } = await visitor(browser);
  await signUp(page, `bob-${process.pid}`);
  await goTo(page, `${APPLICATION}/admin`);
  await isRefused(page, `secure-text[token="${token}"]`, "not_granted");
  assert.ok(!(await framesHold(page, SSN)));
  await context.close();
});

test("a log-out blanks what stands open in another tab", async () => {
  const { page, context } = ada;
  await goTo(page, `${APPLICATION}/profile`);
  await sees(page, "#ssn-shown", SSN);
  const other = await context.newPage();
  await goTo(other, `${APPLICATION}/profile`);
  await other.click("#log-out");
  await page.bringToFront();
  await isRefused(page, "#ssn-shown", "no_session");
  assert.ok(!(await framesHold(page, SSN)));
});

test("every name is this machine", async () => {
  const { port } = new URL(APPLICATION);
  const { page } = await visitor(browser); // Ada's still has frames that ask for a session
  const answer = await goTo(page, `http://example.com:${port}/`);
  assert.ok(answer.status() < 500); // the demo's
});
