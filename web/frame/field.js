/**
 * What every field frame does, whatever it shows: wait for the page, find the coordinator, take the
 * page's look, tell of focus and Escape, and wipe itself when the session or the document ends.
 */

import { applyStyle } from "./style.js";
import { awaitHello } from "./handshake.js";
import { linkToCoordinator } from "./link.js";
import { texts } from "./channel.js";

/** @import { Fields, Shape } from "./channel.js" */
/** @import { Link } from "./link.js" */
/** @import { Settings } from "./settings.js" */

export const styled = { style: texts(40, 512), hint: texts(10, 512) };

/**
 * @typedef {object} Field
 * @property {() => void} focus
 * @property {() => void} wipe forget value, keys and buffers at once
 */

/**
 * Serve one field for the life of this document.
 * @template {Shape} S
 * @param {Settings} settings
 * @param {S} hello with the session reference that the frame is pinned to
 * @param {(told: Fields<S>, link: Link, page: MessagePort) => Field} build
 */
export function serveField(settings, hello, build) {
  awaitHello(settings.origins, hello, (told, page) => {
    let over = false;
    /** @type {Field | undefined} */
    let field;
    /** @param {string} code */
    const end = (code) => {
      if (over) return;
      over = true;
      field?.wipe();
      document.body.replaceChildren();
      page.postMessage({ type: "wiped", code });
      page.close();
    };
    const { session } = /** @type {{session: string}} */ (told);
    const link = linkToCoordinator(settings, session, end);
    // The page made this document before its coordinator, or another script in it did.
    if (!link) return end("unavailable");
    field = build(/** @type {any} */ (told), link, page);
    addEventListener("pagehide", () => end("no_session"));
    addEventListener("focus", () => field?.focus());
    tellOfFocus(page);
  });
}

/** @param {MessagePort} page */
function tellOfFocus(page) {
  document.addEventListener("focusin", () => page.postMessage({ type: "focus" }));
  document.addEventListener("focusout", () => page.postMessage({ type: "blur" }));
  document.addEventListener("keydown", ({ key }) => {
    if (key === "Escape") page.postMessage({ type: "escape" });
  });
  // A value leaves by the person's eyes alone: no dragging it into the page.
  document.addEventListener("dragstart", (event) => event.preventDefault());
}

/**
 * Take the page's look.
 * @param {{style: Record<string, string>, hint: Record<string, string>}} look
 */
export function takeLook({ style, hint }) {
  applyStyle(document.documentElement, style);
  applyStyle(document.documentElement, hint, "--hint-");
}

/**
 * The same for every value, so that it tells nothing of one.
 */
export const MASK = "•".repeat(8);
