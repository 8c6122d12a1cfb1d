/** Where the tokenizer's frames log in with an identity provider: unseen to renew, or by a link. */

import { makeFrame, messages, Problem, tokenizer } from "./page.js";

const PATIENCE = 10_000; // milliseconds
const PAUSE = 60_000; // milliseconds; a provider that answers with a page is not asked in vain again
const CODE = "log_in_required";

let address = "";
let askedAt = -PAUSE;

messages[CODE] ??= "Sign in to go on";

/**
 * A session that is there is renewed without a page; where there is none, a person has to go there.
 * @type {(renewal: boolean, identity?: T.Identity) => Promise<string>}
 */
export async function logIn(renewal, identity) {
  address = `${tokenizer}/session/log-in/${encodeURIComponent(identity?.application ?? "")}`;
  if (!renewal || performance.now() - askedAt < PAUSE) throw new Problem(CODE);
  askedAt = performance.now();
  const iframe = makeFrame("", "", address);
  iframe.hidden = true;
  const arrived = new Promise((resolve) => {
    iframe.addEventListener("load", resolve);
    setTimeout(resolve, PATIENCE);
  });
  document.documentElement.append(iframe);
  await arrived;
  iframe.remove();
  return "";
}

// The message becomes a link, of which the browser and its readers know what it is.
addEventListener("secure-error", (event) => {
  const { code, message } = /** @type {CustomEvent} */ (event).detail;
  const [element] = /** @type {any[]} */ (event.composedPath());
  if (code !== CODE || !element.message) return;
  const link = Object.assign(document.createElement("a"), { href: address, textContent: message });
  // The message lets clicks through to the frame, which lies above it.
  link.style.cssText = "color: inherit; pointer-events: auto; position: relative; z-index: 1";
  element.message.replaceChildren(link);
});
