/**
 * The page's entry: defines `<secure-input>` and `<secure-text>`, and has the few verbs that a page
 * with scripts of its own needs.
 *
 * ```js
 * import { lunasec } from "https://secure.example.com/lunasec.js";
 * await lunasec.ready(form); // tokens are in `new FormData(form)` now
 * ```
 */

import { SecureInput } from "./input.js";
import { authentication, messages } from "./page.js";
import { start } from "./session.js";
import { holdSubmits, ready } from "./submission.js";
import { SecureText } from "./text.js";

/** @import { Authentication } from "../types" */

/**
 * For an application whose session is a header that its own scripts send.
 * @param {Authentication} how
 */
function authenticate(how) {
  Object.assign(authentication, how);
  return start(true);
}

/** Begin anew, for example after a log-in without a new page. */
const refresh = () => start(true);

export const lunasec = Object.freeze({ ready, authenticate, refresh, messages });
export { authenticate, messages, ready, refresh, SecureInput, SecureText };

// First of all listeners, so that nobody hears a submit that is not one yet.
holdSubmits(document);
if (!customElements.get("secure-input")) customElements.define("secure-input", SecureInput);
if (!customElements.get("secure-text")) customElements.define("secure-text", SecureText);
