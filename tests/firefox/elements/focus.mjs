// Where the caret is, and which keys lead where, in Firefox ESR.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { until } from "../driver.mjs";
import {
  caretIn,
  clickInto,
  field,
  grouped,
  has,
  hear,
  holds,
  page,
  part,
  press,
  settled,
  show,
  store,
  stored,
  text,
  tokens,
  typed,
  ways,
} from "../site.mjs";

const CARET = `(${await readFile(new URL("../../web/caret.js", import.meta.url), "utf8")})`;
const { asks } = new Function(`return ${CARET}`)();

for (const how of Object.keys(asks)) {
  test(`a field that is made and focused ${how} takes the next keys`, async () => {
    await show(field("", "other"));
    await page.evaluate(`${CARET}.ask("${how}")`);
    await holds(() => made.matches(":state(focus)"));
    await page.keyboard.type("abc");
    await holds(() => made.pending);
    const frame = await (
      await page.evaluateHandle(() => made.shadowRoot.querySelector("iframe"))
    ).contentFrame();
    await until(async () => (await frame.$eval("input", (each) => each.value)) === "abc", "abc");
  });
}

for (const [where, wrap] of ways) {
  for (const isThere of [false, true]) {
    const when = isThere ? "in the turn it is there" : "at once";
    test(`who goes on ${when} is not called back, ${where}`, async () => {
      await show(wrap(`<input id=own>${field("", "other")}`));
      await page.evaluate(`${CARET}.goOn(${isThere})`);
      await settled();
      await holds(() => ssn.port !== undefined);
      await new Promise((over) => setTimeout(over, 300));
      await page.keyboard.type("abc");
      assert.equal(await page.$eval("#own", (each) => each.value), "abc");
    });
  }

  test(`each change of focus is one event, ${where}`, async () => {
    await show(wrap(`${field()}<input id=own>`));
    await hear("focus", "blur", "focusin", "focusout");
    await clickInto();
    await page.click("#own");
    await holds(() => heard.includes("focusout ssn"));
    await page.evaluate(() => ssn.focus());
    await caretIn();
    await press("Tab");
    await holds(() => !ssn.matches(":state(focus)"));
    const ours = (await page.evaluate(() => heard)).filter((each) => each.endsWith(" ssn"));
    const once = ["focus ssn", "focusin ssn", "blur ssn", "focusout ssn"];
    assert.deepEqual(ours, [...once, ...once]);
  });

  test(`a label, autofocus and Escape, ${where}`, async () => {
    const label = "<label for=b>Number</label>";
    await show(wrap(`${label}${field("autofocus")}${field("", "b")}`));
    await caretIn();
    await hear("keydown");
    await page.click("label");
    await caretIn("#b");
    await has("#b", "input", "ariaLabel", "Number");
    await press("Escape");
    await holds(() => heard.join() === "keydown b");
  });

  test(`tabindex=-1 is passed over and can be focused, ${where}`, async () => {
    await show(wrap(`<input id=a>${field("tabindex=-1")}<input id=b>`));
    await page.focus("#a");
    await press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.id), "b");
    await page.evaluate(() => ssn.focus());
    await caretIn();
  });
}

test("Escape closes the dialog around a field", async () => {
  await show(`<dialog id=dialog>${field()}</dialog>`, false);
  await page.evaluate(() => dialog.showModal());
  await caretIn();
  await press("Escape");
  await holds(() => !dialog.open);
});

const BUTTON = "<button>Save</button>";
const OPENED = {
  "around a group": grouped(field()),
  "around a group and a button": `<form>${grouped(field())}${BUTTON}</form>`,
  "around a field and a button": `<form>${field()}${BUTTON}</form>`,
  "around a group with autofocus": grouped(field("", "other") + field("autofocus")) + BUTTON,
};
for (const [how, inner] of Object.entries(OPENED)) {
  test(`a dialog that opens ${how} has the caret there`, async () => {
    await show(`<dialog id=dialog>${inner}</dialog>`);
    await page.evaluate(() => dialog.showModal());
    await caretIn();
    await page.keyboard.type("abc");
    await typed("abc");
  });
}

// A page without a group has to load its module; then only what is alone in a dialog is sure of it.
for (const [before, button] of [
  [grouped(field("", "other")), BUTTON],
  [field("", "other"), ""],
]) {
  test(`a dialog made with a group, that opens at once, has the caret there ${button}`, async () => {
    await show(before);
    await page.evaluate((inner) => {
      const made = document.createElement("dialog");
      made.innerHTML = inner;
      document.body.append(made);
      made.showModal();
    }, grouped(field()) + button);
    await caretIn();
  });
}

test("a dialog leaves the caret with what stands before a group", async () => {
  await show(`<dialog id=dialog><button id=first>Close</button>${grouped(field())}</dialog>`);
  await page.evaluate(() => dialog.showModal());
  await holds(() => document.activeElement === first);
  await press("Tab");
  await caretIn();
});

const where = () =>
  document.activeElement.id ||
  [...document.querySelectorAll(":state(focus)")].map(({ id }) => id).join();

async function walk(order) {
  const forth = order.slice(1).map((each) => ["Tab", each]);
  const back = order.slice(0, -1).reverse();
  await page.focus(`#${order[0]}`);
  for (const [key, to] of [...forth, ...back.map((each) => ["Shift+Tab", each])]) {
    await press(key);
    const isThere = async () => (await page.evaluate(where)) === to;
    await until(isThere, `${key} leads to ${to}`, 5_000).catch(async (error) => {
      throw new Error(`${error.message}, and led to ${await page.evaluate(where)}`);
    });
  }
}

test("Tab goes into a field alone and out of it, both ways", async () => {
  await show(`<input id=a>${field()}${field("", "other")}<input id=b>`);
  await walk(["a", "ssn", "other", "b"]);
});

test("a stored text that scrolls is one stop for Tab", async () => {
  const [token] = await store("line ".repeat(25));
  const area = `<secure-textarea id=ssn token=${token}></secure-textarea>`;
  await show(`<input id=a>${area}<input id=b>`);
  await stored("line ".repeat(25));
  await walk(["a", "ssn", "b"]);
  await press("Tab");
  await caretIn();
  await press("PageDown");
  const drawn = await part("#ssn", "[id^=stored]");
  assert.ok((await drawn.evaluate((each) => each.parentElement.scrollTop)) > 5);
});

test("Tab goes through a group by the page's order, in and out, both ways", async () => {
  const inner = [
    field("", "one"),
    field("", "two"),
    "<button id=between>between</button>",
    text(tokens[0], "", "plain"),
    text(tokens[0], "reveal=click", "secret"),
    "<button disabled>no</button><a id=link href=#>link</a>",
    field("", "three"),
  ];
  await show(`<input id=before>${grouped(inner.join(""))}<input id=after>`);
  await has("#secret", "button", "hidden", false);
  await walk(["before", "one", "two", "between", "secret", "link", "three", "after"]);
});

const HIDDEN = {
  details: "<details id=around><summary id=before>More</summary>",
  display: "<button id=before>Next</button><div id=around style='display: none'>",
  visibility: "<button id=before>Next</button><p id=around style='visibility: hidden'>",
  dialog: "<dialog id=around><button id=before>Close</button>",
};
for (const [how, start] of Object.entries(HIDDEN)) {
  test(`a group that ${how} hid is reached by Tab and by the mouse`, async () => {
    await show(`${start}${grouped(field())}`);
    await page.evaluate(() => {
      around.removeAttribute("style");
      around.open = true;
    });
    await holds(() => ssn.checkVisibility() && ssn.shadowRoot.querySelector("i") !== null);
    await page.focus("#before");
    await press("Tab");
    await caretIn();
    await page.focus("#before");
    await clickInto();
  });
}
