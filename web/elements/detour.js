/** Where the tokenizer's cookies are lost: a document by way of the application brings a session. */

import { authentication, identify, makeFrame, Problem } from "./page.js";

const PATIENCE = 10_000; // milliseconds
const SOON = 5_000; // milliseconds in which nobody logs in twice

let confirm = async () => {};
let confirmed = 0;

/** @type {(port: MessagePort, identity?: T.Identity) => Promise<string>} */
export async function goRound(port, identity) {
  confirm = () => tell(port, identity?.session);
  await sameUser(identity?.session);
  // The application sees no header of its scripts in a navigation, so those get the handle.
  if (authentication.handle) return authentication.handle("");
  const iframe = makeFrame("", "", "/.lunasec/coordinator");
  iframe.referrerPolicy = "same-origin";
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

/** @param {string} [session] */
async function sameUser(session) {
  confirmed = performance.now();
  if ((await identify(true)).session !== session) throw new Problem("session_changed");
}

// No cookie in another tab tells this one that somebody else has logged in there.
/** @type {(port: MessagePort, session?: string) => Promise<void>} */
async function tell(port, session) {
  await sameUser(session).catch((error) => {
    const { code } = Problem.of(error);
    if (/^(?:no_session|session_changed)$/.test(code)) port.postMessage({ type: "failed", code });
  });
}

for (const event of ["visibilitychange", "focus", "pageshow"]) {
  addEventListener(event, () => {
    const due = performance.now() - confirmed > SOON;
    if (due && document.visibilityState === "visible") confirm();
  });
}
