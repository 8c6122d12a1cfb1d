/** The page's entry: the elements, and verbs for its scripts. */

import { holdSubmits } from "./control.js";
import { typing } from "./element.js";
import { SecureInput } from "./input.js";
import { authentication, messages, Problem } from "./page.js";
import { foretell, start } from "./session.js";
import { SecureText } from "./text.js";

const PAUSE = 4_000; // milliseconds

/** For a session that is a header of the page's scripts. @param {T.Authentication} how */
function authenticate(how) {
  Object.assign(authentication, how);
  return start(true);
}

/** For code that reads `FormData` itself. @param {HTMLFormElement} form */
const ready = async (form) => (await typing()).ready(form);

/** Begin anew, as after a log-in without a new page. */
const refresh = () => start(true);

const later = new Set(["textarea", "upload", "download"]);

/** For shadow trees; the document is watched. */
export function load(root = document) {
  for (const name of later) {
    if (!root.querySelector(`secure-${name}`)) continue;
    later.delete(name);
    foretell(root);
    import(`./${name}.js`).catch(() => miss(name, root));
  }
}

/** Speak for elements that can't yet. @type {T.Miss} */
function miss(name, root) {
  const problem = new Problem("unavailable");
  const all = root.querySelectorAll(`secure-${name}`);
  for (const each of all) {
    each.textContent = problem.message;
    SecureText.prototype.report.call(/** @type {any} */ (each), problem);
  }
  setTimeout(() => {
    for (const each of all) each.textContent = "";
    later.add(name);
    load(root);
  }, PAUSE);
}

export const lunasec = Object.freeze({ ready, authenticate, refresh, messages, load });
export { authenticate, messages, ready, refresh, SecureInput, SecureText };

// First, so that nobody hears a submit that is not one yet.
holdSubmits(document);
const define = () => {
  if (!customElements.get("secure-input")) customElements.define("secure-input", SecureInput);
  if (!customElements.get("secure-text")) customElements.define("secure-text", SecureText);
};
if (document.querySelector("secure-group")) {
  // Its frame loads while the page makes the fields.
  start(false);
  import("./group.js").then(define, define);
} else define();
new MutationObserver(() => load()).observe(document, { childList: true, subtree: true });
load();
