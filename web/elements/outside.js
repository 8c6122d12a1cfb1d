/** A group's frame outside of shadow trees, for browsers fill in no other. */

// The page's own rules for frames are not for this one.
const style = `position: absolute; inset: 0; inline-size: 100%; block-size: 100%; margin: 0; border: 0;
  max-inline-size: none; max-block-size: none; clip-path: inset(50%)`;

/** A place inside for what stands outside. */
export function makeHole() {
  return Object.assign(document.createElement("slot"), { name: "frame" });
}

/** @param {any} iframe that is a child of its group */
export function putOutside(iframe) {
  iframe.slot = "frame";
  iframe.style.cssText = style;
}

/** @param {any} [iframe] */
export const hasFocus = (iframe) => iframe && iframe === iframe.getRootNode().activeElement;

/** Whether the page took it out, as who empties the group. @param {any} [iframe] */
export const isGone = (iframe) => iframe && !iframe.isConnected;

/** Whether a dialog that opened meanwhile found nothing to focus, or this. @param {Element} group @param {any} iframe */
export function isAwaited(group, iframe) {
  const { activeElement } = /** @type {Document} */ (group.getRootNode());
  return hasFocus(iframe) || (activeElement && activeElement === group.closest("dialog"));
}
