/**
 * A mask on a field. An edit is made as one edit of the browser's own, so that undo and redo go
 * through texts that once stood there. An input method is left alone until it is done.
 */

import { deleteOne, edit } from "./masks.js";

/** @type {T.PutMask} */
export function putMask(input, mask, root) {
  /** @type {string | undefined} */
  let before; // the text ahead of an edit that the browser makes
  let writing = false;
  let tidying = false;
  const note = mask.note && root.appendChild(noteAfter());

  const draw = () => {
    if (note) note.textContent = mask.note?.(input.value) ?? "";
  };

  /** @param {T.Edited} made */
  const write = ({ text, caret }) => {
    const { value } = input;
    const [from, to] = difference(value, text);
    const put = text.slice(from, text.length - (value.length - to));
    if (value !== text) {
      writing = true;
      input.setSelectionRange(from, to);
      const isDone =
        document.activeElement === input &&
        document.execCommand(put ? "insertText" : "delete", false, put);
      if (!isDone) {
        input.value = text;
        if (!tidying) input.dispatchEvent(new Event("input"));
      }
      writing = false;
    }
    input.setSelectionRange(caret, caret);
    before = undefined;
  };

  /** What the browser made of it, put right. */
  const tidy = () => {
    const { value } = input;
    const text = before ?? "";
    before = undefined;
    const [from, to] = difference(text, value);
    const made = edit(mask, text, from, to, value.slice(from, value.length - (text.length - to)));
    if (made.text !== value) write(made);
  };

  input.addEventListener("beforeinput", (event) => {
    if (writing || input.selectionStart === null) return;
    before ??= input.value;
    if (event.isComposing || !event.cancelable) return;
    const made = planned(input, mask, event);
    if (!made) return;
    event.preventDefault();
    write(made);
  });
  // Ahead of the field's own listener, which tells the page.
  input.addEventListener("input", (event) => {
    const { inputType, isComposing } = /** @type {InputEvent} */ (event);
    if (tidying) event.stopImmediatePropagation();
    else if (!writing && !isComposing && input.selectionStart !== null) {
      tidying = true;
      if (!inputType?.startsWith("history")) tidy();
      before = undefined;
      tidying = false;
    }
    draw();
  });
  input.addEventListener("compositionend", tidy);
  return draw;
}

/** What an edit will come to, where it is not the browser's to make. @type {T.PlanMasked} */
function planned(input, mask, { inputType, data, dataTransfer }) {
  const { value } = input;
  const [start, end] = [input.selectionStart ?? 0, input.selectionEnd ?? 0];
  if (/^insert(?:Text|FromPaste|FromYank|ReplacementText)$/.test(inputType)) {
    const insert = data ?? dataTransfer?.getData("text/plain");
    if (!insert) return undefined;
    const made = edit(mask, value, start, end, insert);
    const isPlain = made.text === value.slice(0, start) + insert + value.slice(end);
    return isPlain && made.caret === start + insert.length ? undefined : made;
  }
  if (!/^deleteContent(?:Backward|Forward)$/.test(inputType)) return undefined;
  if (start !== end) return edit(mask, value, start, end, "");
  return deleteOne(mask, value, start, inputType.endsWith("Backward") ? -1 : 1);
}

/** The least part of one text that has to be replaced. @type {(one: string, other: string) => [number, number]} */
function difference(one, other) {
  const least = Math.min(one.length, other.length);
  let from = 0;
  while (from < least && one[from] === other[from]) from += 1;
  let same = 0;
  while (same < least - from && one.at(-1 - same) === other.at(-1 - same)) same += 1;
  return [from, one.length - same];
}

/** Inside the frame alone: the page is never told what stands here. */
function noteAfter() {
  const note = document.createElement("span");
  note.className = "note";
  note.ariaLive = "polite";
  Object.assign(note.style, { flex: "none", paddingInlineStart: "0.5em", fontSize: "0.8em" });
  return note;
}
