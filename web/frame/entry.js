/**
 * The text box of `<secure-input>`. It is in one of two states, and what the page may learn hangs
 * on that alone: *stored* (a token's value, shown or masked, of which nothing is told) or *typed*
 * (what the person entered, whose validity is told like a native field's). The first edit of a
 * stored value removes all of it, so no typed value ever has a part of a stored one.
 */

import { MASK } from "./field.js";

export class Entry {
  stored = false;
  input = document.createElement("input");
  #edited;

  /** @param {() => void} edited the person changed the value */
  constructor(edited) {
    const { input } = this;
    this.#edited = edited;
    // A browser may put back what was typed into an earlier document of this frame.
    input.value = input.defaultValue = "";
    input.addEventListener("beforeinput", (event) => this.#replaceStored(event));
    input.addEventListener("input", () => this.#taken());
    for (const type of ["copy", "cut"]) {
      // The page could read the clipboard, or have the value pasted into a field of its own.
      input.addEventListener(type, (event) => this.stored && event.preventDefault());
    }
    input.addEventListener("focus", () => this.stored && input.select());
  }

  /** Show a stored value, or its mask. */
  showStored(value = MASK) {
    this.stored = true;
    this.input.value = value;
  }

  clear() {
    this.stored = false;
    this.input.value = "";
  }

  /** @param {InputEvent} event */
  #replaceStored(event) {
    if (!this.stored) return;
    this.clear();
    if (!/^(?:delete|history)/.test(event.inputType)) return;
    // Deleting a part deletes all, and undoing has nothing left to work on.
    event.preventDefault();
    this.#edited();
  }

  #taken() {
    // A change that nobody announced: a browser's own filling replaces the whole; of anything else
    // it can't be known what it left of the stored value.
    if (this.stored && !this.input.matches(":autofill")) this.input.value = "";
    this.stored = false;
    this.#edited();
  }
}
