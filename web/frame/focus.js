/** Where in a group's document somebody is, told to that field's element; and the order of fields. */

/** @import { Seat } from "./seat.js" */
const BEFORE = 1; // as in elements/stops.js
const AFTER = 2;
const STOPS = "input, textarea, button:not([hidden])";
const FIRST = "input, textarea, .reveal:not([hidden])"; // to copy, one goes there oneself

/** @type {(seats: Map<number, Seat>, page: MessagePort, tell: T.TellOf) => void} */
export function attendFocus(seats, page, tell) {
  /** @param {Event} event */
  const seatOf = ({ target }) => {
    const root = target instanceof Element ? target.closest(".fields > div") : null;
    return [...seats.values()].find((seat) => seat.root === root);
  };
  for (const [heard, type] of /** @type {const} */ ([
    ["focusin", "focus"],
    ["focusout", "blur"],
  ])) {
    addEventListener(heard, (event) => {
      const seat = seatOf(event);
      if (seat) tell(seat.id, { type });
    });
  }
  addEventListener("keydown", (event) => {
    const seat = seatOf(event);
    if (!seat) return;
    if (event.key === "Escape") tell(seat.id, { type: "escape" });
    const { shiftKey: back } = event;
    if (event.key !== "Tab" || !(seat.edges & (back ? BEFORE : AFTER))) return;
    const own = [...seat.root.querySelectorAll(STOPS)];
    if (event.target !== own.at(back ? 0 : -1)) return;
    event.preventDefault();
    page.postMessage({ type: "tab", id: seat.id, back });
  });
  // Over several fields, none of which hears it.
  addEventListener("copy", (event) => {
    const root = seatOf(event)?.root;
    const { anchorNode, focusNode } = getSelection() ?? {};
    const isInside = [anchorNode, focusNode].every((each) => root?.contains(each ?? null));
    if (!isInside) event.preventDefault();
  });
}

/** @param {HTMLElement} fields @param {HTMLElement[]} wanted in this order */
export function arrange(fields, wanted) {
  const { activeElement: active } = document;
  for (const [at, root] of wanted.entries()) {
    if (fields.children[at] !== root) fields.insertBefore(root, fields.children[at] ?? null);
  }
  if (active instanceof HTMLElement && active !== document.activeElement) {
    active.focus({ preventScroll: true });
  }
}

/** Put whoever is nowhere yet into the first field that is shown. @param {HTMLElement} fields */
export function begin(fields) {
  for (const each of fields.querySelectorAll(FIRST)) {
    if (!document.hasFocus() || document.activeElement !== document.body) return;
    /** @type {HTMLElement} */ (each).focus({ preventScroll: true });
  }
}
