/** The page's entry: the elements, and the few verbs that a page with scripts of its own needs. */

import { holdSubmits, ready } from "./control.js";
import { SecureInput } from "./input.js";
import { authentication, messages } from "./page.js";
import { start } from "./session.js";
import { SecureText } from "./text.js";

/** @import { Authentication } from "../types" */

/** For a session that is a header of the page's scripts. @param {Authentication} how */
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
