/** The page's entry: the elements, and a few verbs for scripts of its own. */

import { holdSubmits } from "./control.js";
import { typing } from "./element.js";
import { SecureInput } from "./input.js";
import { authentication, messages } from "./page.js";
import { start } from "./session.js";
import { SecureText } from "./text.js";

/** For a session that is a header of the page's scripts. @param {T.Authentication} how */
function authenticate(how) {
  Object.assign(authentication, how);
  return start(true);
}

/** For code that reads `FormData` by itself. @param {HTMLFormElement} form */
const ready = async (form) => (await typing()).ready(form);

/** Begin anew, for example after a log-in without a new page. */
const refresh = () => start(true);

/** What few pages have is loaded where it is. */
const later = new Set(["textarea", "upload", "download"]);

/** Load what stands in a document or shadow tree; the document itself is watched. */
export function load(root = document) {
  for (const name of later) {
    if (root.querySelector(`secure-${name}`)) later.delete(name) && import(`./${name}.js`);
  }
}

export const lunasec = Object.freeze({ ready, authenticate, refresh, messages, load });
export { authenticate, messages, ready, refresh, SecureInput, SecureText };

// First of all listeners, so that nobody hears a submit that is not one yet.
holdSubmits(document);
if (!customElements.get("secure-input")) customElements.define("secure-input", SecureInput);
if (!customElements.get("secure-text")) customElements.define("secure-text", SecureText);
new MutationObserver(() => load()).observe(document, { childList: true, subtree: true });
load();
