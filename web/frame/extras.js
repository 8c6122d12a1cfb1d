/**
 * What a `<secure-text>` does beyond showing its value: wait for a gesture, mask it again, write it
 * as a date or a card, put it on the clipboard.
 */

import { settings } from "./channel.js";
import { open } from "./field.js";
import { format } from "./format.js";
import { say } from "./language.js";
import { ask, codeOf, Refusal } from "./messages.js";
import { makeClock } from "./remasking.js";

const COPIED = 2_000; // milliseconds
const LOOKING = 100; // milliseconds, the least that browsers take
const WHOLE = 0.9; // of a button, so that it is seen for what it is
const UNSCROLLED = { preventScroll: true };
const SEALED = { key: 64, ciphertext: 100_000, kind: 32 };

/** @type {T.AddExtras} */
export function add({ root, link, page, mask, show }) {
  /** @param {string} kind */
  const makeButton = (kind) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = kind;
    root.append(button);
    return button;
  };
  const reveal = makeButton("reveal");
  /** @type {HTMLButtonElement | undefined} */
  let copy;
  let told = { label: "", reveal: false, remask: 0, extra: /** @type {T.Extra} */ ({}) };
  let token = "";
  let isShown = false;
  let isWanted = false; // by a gesture
  let timer = 0;
  let copied = "Copy"; // or what became of the last one
  let rest = 0;
  const clock = makeClock();

  const said = (/** @type {string} */ phrase) => say(phrase, {}, told.extra.lang ?? "");
  const byGesture = () => told.reveal || settings.reveal === "click";
  const draw = () => {
    reveal.hidden = !token || !(byGesture() || told.remask || settings.remask_after);
    name(reveal, said(isShown ? "Hide" : "Show"));
    if (!told.extra.copy) return copy?.remove();
    if (!copy?.isConnected) {
      copy = makeButton("copy");
      copy.addEventListener("click", ({ isTrusted }) => isTrusted && takeCopy());
    }
    copy.hidden = !token;
    name(copy, said(copied));
  };
  const tell = (phrase = "Copy") => {
    copied = phrase;
    clearTimeout(rest);
    draw();
  };
  /** @type {(button: HTMLButtonElement, verb: string) => void} */
  const name = (button, verb) => {
    button.textContent = verb;
    button.ariaLabel = `${verb} ${told.label}`.trim();
  };

  /** Another read of the value, under a name of its own in the tokenizer's log. */
  const takeCopy = async () => {
    const asked = token;
    try {
      if (!copy || !(await isSeen(copy))) throw new Refusal("copy_unseen");
      const { port1, port2 } = new MessageChannel();
      link.postMessage({ type: "serve", module: "copies" }, [port2]);
      const { kind, ...sealed } = await ask(port1, { type: "copy", token }, SEALED);
      const value = await open(sealed, { application: settings.application, kind });
      if (asked !== token) return;
      put(value);
      tell("Copied");
      rest = setTimeout(tell, COPIED);
    } catch (error) {
      const code = codeOf(error);
      tell("Can’t copy");
      page.postMessage({
        type: "problem",
        code: code === "not_granted" ? "copy_not_granted" : code,
      });
    }
  };

  reveal.addEventListener("click", ({ isTrusted }) => {
    if (isTrusted && isShown) mask();
    else if (isTrusted) {
      isWanted = true;
      show();
    }
  });

  return {
    isClosed: (asked) => byGesture() || clock.isOver(asked),
    take(options) {
      const before = JSON.stringify(told.extra);
      told = options;
      draw();
      if (isShown && before !== JSON.stringify(told.extra)) show();
    },
    dressed: (plaintext) => format(plaintext, told.extra),
    shown() {
      isShown = true;
      draw();
      clearTimeout(timer);
      const left = Math.min(told.remask * 1000 || Infinity, clock.left(token, isWanted));
      if (left < Infinity) timer = setTimeout(mask, left);
      isWanted = false;
    },
    masked(now) {
      clearTimeout(timer);
      token = now;
      isShown = isWanted = false;
      tell();
    },
    // A page that could put somebody there would have the next key press copy.
    focus: () => (reveal.hidden && settings.role === "group" ? copy : reveal)?.focus(UNSCROLLED),
  };
}

/**
 * Whether a person can see it: a page could lead a click, or a key, to what is covered, transparent or
 * tiny. Browsers without version 2 of Intersection Observer tell its place alone.
 * @type {(button: Element) => Promise<boolean>}
 */
const isSeen = (button) =>
  new Promise((resolve) => {
    const how = /** @type {any} */ ({ threshold: WHOLE, trackVisibility: true, delay: LOOKING });
    const observer = new IntersectionObserver((entries) => {
      const { intersectionRatio, isVisible = true } = /** @type {any} */ (entries.at(-1));
      observer.disconnect();
      resolve(isVisible && intersectionRatio >= WHOLE);
    }, how);
    observer.observe(button);
  });

/** As a copy of the person's own, which no policy of the page's stands in the way of. @param {string} text */
function put(text) {
  /** @param {ClipboardEvent} event */
  const fill = (event) => {
    event.clipboardData?.setData("text/plain", text);
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  addEventListener("copy", fill, { capture: true, once: true });
  const isDone = document.execCommand("copy");
  removeEventListener("copy", fill, true);
  if (!isDone) throw new Refusal("copy_blocked");
}
