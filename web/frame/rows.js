/** The list in an upload's frame: a row for each file, and what is read out of it. */

import { say } from "./language.js";
import { plainName, sizeInWords } from "./words.js";

const OFTEN = 5_000; // milliseconds between two announcements of progress

/** @type {(tag: string, text?: string, name?: string) => any} */
export function make(tag, text = "", name = "") {
  const element = document.createElement(tag);
  element.textContent = text;
  element.className = name;
  if (tag === "button") /** @type {HTMLButtonElement} */ (element).type = "button";
  return element;
}

/** @type {T.MakeRow} */
export function makeRow({ retry, remove }) {
  const element = make("li");
  const sign = make("span", "", "sign");
  const words = make("div");
  const [called, status] = [make("bdi", "", "name"), make("small")];
  const bar = make("progress");
  const [again, away] = [make("button", say("Retry")), make("button", "", "away")];
  sign.ariaHidden = "true";
  words.append(called, bar, status);
  element.append(sign, words, again, away);
  again.addEventListener("click", retry);
  away.addEventListener("click", remove);
  let [name, size] = ["", ""];

  return {
    element,
    away,
    get name() {
      return name;
    },
    called(told) {
      const ending = /\.([a-z\d]{1,4})[a-z\d]?$/i.exec(told.name)?.[1] ?? "";
      name = plainName(told.name) || say("File");
      size = told.size === undefined ? "" : sizeInWords(told.size);
      called.textContent = called.title = name;
      sign.textContent = ending.toUpperCase();
    },
    pictured: (canvas) => sign.replaceChildren(canvas),
    drawn({ state, words: said = "", fraction = 0, again: retriable = false }) {
      element.dataset.state = state;
      const isWorded = /^(?:failed|waiting)$/.test(state); // and needs the room
      status.textContent = [isWorded ? "" : size, said].filter(Boolean).join(" · ");
      status.title = said;
      bar.hidden = !/^(?:sending|waiting)$/.test(state);
      bar.value = fraction;
      bar.ariaLabel = say("Upload of {name}", { name });
      again.hidden = !retriable;
      again.ariaLabel = say("Retry {name}", { name });
      away.textContent = "✕";
      away.ariaLabel = say(bar.hidden ? "Remove {name}" : "Cancel {name}", { name });
    },
  };
}

/** @param {number} fraction */
export const percentOf = (fraction) => `${Math.floor(fraction * 100)}%`;

/** A voice that does not interrupt, and tells of progress now and then. @type {T.MakeVoice} */
export function makeVoice() {
  const element = make("p", "", "heard");
  element.role = "status";
  let last = 0;
  return {
    element,
    say(text) {
      last = performance.now();
      element.textContent = text;
    },
    progress(text) {
      if (performance.now() - last > OFTEN) this.say(text());
    },
  };
}
