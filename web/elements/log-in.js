/** Where the tokenizer's frames log in with an identity provider: unseen to renew, or by a link. */

import { makeFrame, messages, Problem, tokenizer } from "./page.js";
import { members } from "./session.js";

const PATIENCE = 10_000; // milliseconds
const PAUSE = 60_000; // milliseconds; a provider that answers with a page is not asked in vain again
const CODE = "log_in_required";
/** @type {Record<string, string>} what the address says of why a person goes there */
const REASONS = { [CODE]: "", step_up_required: "?prompt=login" };

let address = "";
let askedAt = -PAUSE;

messages[CODE] ??= "Sign in to go on";

/** @param {T.Identity} [identity] */
function locate(identity) {
  address = `${tokenizer}/session/log-in/${encodeURIComponent(identity?.application ?? "")}`;
}

/**
 * A session that is there is renewed without a page; where there is none, a person has to go there.
 * @type {(renewal: boolean, identity?: T.Identity) => Promise<string>}
 */
export async function logIn(renewal, identity) {
  locate(identity);
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

/**
 * A policy may want it confirmed who that is, of some values or of all.
 * @type {(identity?: T.Identity) => void}
 */
export function stepUp(identity) {
  locate(identity);
  for (const member of members) lead(member); // some were refused before this came
}

/** Make a message of an element's own a link, of which the browser and its readers know what it is. */
function lead(/** @type {any} */ { problem, message }) {
  const { code = "" } = problem ?? {};
  if (!Object.hasOwn(REASONS, code)) return;
  const link = document.createElement("a");
  Object.assign(link, { href: address + REASONS[code], textContent: problem.message });
  // The message lets clicks through to the frame, which lies above it.
  link.style.cssText = "color: inherit; pointer-events: auto; position: relative; z-index: 1";
  message.replaceChildren(link);
}

addEventListener("secure-error", (event) => lead(event.composedPath()[0]));
