// The tests' own site in Firefox ESR: one browser, one person, and the pages that a test writes.

import { randomBytes } from "node:crypto";
import { after, before } from "node:test";
import { firefox, goTo, until, visitor } from "./driver.mjs";

export const { SITE, TOKENIZER, PROFILE } = process.env;
export const SSN = "219-09-9999"; // printed in an advertisement: it was never given to anybody
export const CARD = "4242424242424242"; // one for tests
export const MASK = "•".repeat(8);
export const FORM = (inner) => `<form id=form method=post action=/form>${inner}
  <button id=go>Save</button></form>`;
export const grouped = (body) => `<secure-group>${body}</secure-group>`;

const SETTLED = () =>
  [...document.querySelectorAll("secure-input, secure-text, secure-textarea, secure-upload")].every(
    (each) => each.matches(":state(error)") || each.iframe?.classList.contains("ready"),
  );

export const field = (attributes = "", id = "ssn") =>
  `<secure-input id=${id} ${attributes}></secure-input>`;
export const text = (token, attributes = "", id = "a") =>
  `<secure-text id=${id} token=${token} ${attributes}></secure-text>`;

/** What is true of a field that stands alone, and of one in a group. */
export const ways = [
  ["alone", (body) => body],
  ["in a group", grouped],
];

export let page;
/** Of what was stored at the beginning. */
export let tokens;
let browser;

// One Firefox for all parts, with somebody who has a session of the site's.
before(async () => {
  browser = await firefox(PROFILE, 5, {
    "browser.download.folderList": 2,
    "browser.download.dir": PROFILE,
    "browser.download.alwaysOpenPanel": false,
    "browser.helperApps.neverAsk.saveToDisk": "application/octet-stream",
  });
  ({ page } = await visitor(browser));
  await goTo(page, `${SITE}/page/empty?body=.`);
  const session = randomBytes(18).toString("base64url");
  await page.evaluate((value) => (document.cookie = `session=${value}; path=/`), session);
  tokens = await store(SSN, CARD, "+12025550143", "1987-06-05");
});
after(() => browser?.close());

/** Open a page with that body, and wait until each of its elements is there. */
export async function show(body, wait = true) {
  await goTo(page, `${SITE}/page/written?body=${encodeURIComponent(body)}`);
  if (wait) await settled();
}

export const settled = () => until(() => page.evaluate(SETTLED), "all elements are there");

/** Ask the page until it says yes. */
export const holds = (script, ...told) =>
  until(() => page.evaluate(script, ...told), `${script} ${told}`);

/** Find an element's frame, or its group's, and at which place there it is. */
async function frameAt(element) {
  const find = (name) => {
    const each = document.querySelector(name);
    const { iframe } = each?.group ?? each ?? {};
    return iframe?.classList.contains("ready") ? iframe : null;
  };
  const place = (name) => {
    const each = document.querySelector(name);
    const found = each.group?.querySelectorAll("secure-input, secure-text, secure-textarea") ?? [];
    return [...found].indexOf(each);
  };
  const frame = async () => (await page.evaluateHandle(find, element)).asElement()?.contentFrame();
  const found = await until(frame, `the frame of ${element} is ready`);
  return [found, await page.evaluate(place, element)];
}

/** Find a part of what an element's frame has. */
export async function part(element, selector) {
  const [frame, at] = await frameAt(element);
  const where = at < 0 ? selector : `.fields > div:nth-child(${at + 1}) :is(${selector})`;
  return until(() => frame.$(where), `${element} has ${where}`);
}

export const box = (element = "#ssn") => part(element, "input, textarea");

/** Wait until something in an element's frame has that property. */
export async function has(element, selector, name, wanted) {
  const [frame, at] = await frameAt(element);
  const read = (index, inner, property) => {
    const root = index < 0 ? document : document.querySelectorAll(".fields > div")[index];
    return root?.querySelector(inner)?.[property];
  };
  const isSo = async () => {
    const found = await frame.evaluate(read, at, selector, name);
    if (found !== wanted) throw new Error(JSON.stringify(found));
    return true;
  };
  await until(isSo, `${element} has the ${name} ${JSON.stringify(wanted)}`);
}

export const typed = (value, element = "#ssn") =>
  has(element, "input, textarea", "value", value);
export const stored = (value, element = "#ssn") =>
  has(element, "[id^=stored]", "textContent", value);
export const shown = (value, element = "secure-text") =>
  has(element, "span", "textContent", value);

/** Wait until the caret is in a field, and the page knows it. */
export async function caretIn(element = "#ssn") {
  await holds((name) => document.querySelector(name).matches(":state(focus)"), element);
  const found = await box(element);
  const isThere = () =>
    found.evaluate((each) => document.hasFocus() && document.activeElement === each);
  await until(isThere, `the caret is in ${element}`);
}

export async function clickInto(element = "#ssn") {
  await page.click(element);
  await caretIn(element);
}

export async function press(...keys) {
  for (const key of keys) {
    const all = key.split("+");
    for (const each of all.slice(0, -1)) await page.keyboard.down(each);
    await page.keyboard.press(all.at(-1));
    for (const each of all.slice(0, -1).reverse()) await page.keyboard.up(each);
  }
}

/** What the form posted. */
export async function posted() {
  return JSON.parse(await (await page.waitForSelector("#posted")).evaluate((each) => each.innerText));
}

/** Store values as a person does, by a form; and let the session read them. */
export async function store(...values) {
  const fields = values.map((_, at) => `<secure-input id=f${at} name=f${at}></secure-input>`);
  await show(FORM(grouped(fields.join(""))));
  for (const [at, value] of values.entries()) {
    await page.click(`#f${at}`);
    await caretIn(`#f${at}`);
    await page.keyboard.type(value);
  }
  await press("Enter");
  const made = Object.values(await posted());
  await grant(made);
  return made;
}

export const grant = (granted, how = {}) =>
  page.evaluate(
    (body) => fetch("/grant", { method: "POST", body }).then((answer) => answer.json()),
    JSON.stringify({ tokens: granted, ...how }),
  );

/** Write down these events, in order, of what has an id. */
export const hear = (...names) =>
  page.evaluate((all) => {
    window.heard = [];
    for (const name of all) {
      const note = ({ type, target }) => heard.push(`${type} ${target.id}`);
      document.documentElement.addEventListener(name, note, true);
    }
  }, names);
