/**
 * Escape in a frame is for the page: its own key handlers hear it, and what Escape would close,
 * were the focus in the page, is closed.
 * @param {HTMLElement} host
 */
export function escape(host) {
  const init = { key: "Escape", code: "Escape", bubbles: true, composed: true, cancelable: true };
  if (!host.dispatchEvent(new KeyboardEvent("keydown", init))) return;
  const popover = /** @type {HTMLElement | null} */ (host.closest("[popover]:not([popover=manual])"));
  const dialog = /** @type {HTMLDialogElement | null} */ (host.closest("dialog:modal"));
  if (popover?.matches(":popover-open")) popover.hidePopover();
  else if (dialog?.dispatchEvent(new Event("cancel", { cancelable: true }))) dialog.close();
}
