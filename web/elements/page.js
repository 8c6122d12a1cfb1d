/**
 * Where the page's tokenizer is, which application the page belongs to, and the session that it
 * expects. The last comes from the application and never from the tokenizer: a frame made for it
 * stays blank under any other session, however that came into the browser.
 */

import { Problem } from "./problem.js";

/**
 * @typedef {object} Identity
 * @property {string} application
 * @property {string} session the expected session reference
 *
 * @typedef {object} Authentication for applications whose session is a header of its own scripts
 * @property {() => Promise<Identity>} identify answers what `GET /.lunasec/session` answers
 * @property {(state: string) => Promise<string>} handle posts to `/.lunasec/session`, gives its handle
 */

const meta = () => /** @type {HTMLMetaElement | null} */ (
  document.querySelector('meta[name="lunasec-session"]')
);

/** This module comes from the tokenizer, unless it is bundled, and then the page names it. */
export const tokenizer = meta()?.dataset.tokenizer ?? new URL(import.meta.url).origin;

/** @type {Partial<Authentication>} */
export const authentication = {};

/**
 * Learn application and session.
 * @param {boolean} anew ask the application, whatever it wrote into the page earlier
 * @returns {Promise<Identity>}
 */
export async function identify(anew) {
  if (!isSecureContext) throw new Problem("insecure_context");
  if (authentication.identify) return authentication.identify();
  const written = meta();
  if (!anew && written) {
    const { content: session, dataset: { application = "" } } = written;
    if (session) return { application, session };
    throw new Problem("no_session");
  }
  return ask();
}

/** @returns {Promise<Identity>} */
async function ask() {
  const response = await fetch("/.lunasec/session", { cache: "no-store", headers: { Accept: "application/json" } })
    .catch(() => {
      throw new Problem("blocked");
    });
  if (response.status !== 200) throw new Problem(codeOf(response.status));
  const { application, session } = await response.json().catch(() => ({}));
  if (typeof application === "string" && typeof session === "string") return { application, session };
  throw new Problem("plugin_not_reached");
}

/**
 * What an answer of the application's own origin means.
 * @param {number} status
 */
function codeOf(status) {
  if (status === 401) return "no_session";
  if (status === 404) return "plugin_not_found";
  if (status === 200) return "plugin_not_reached";
  return status >= 500 || status === 429 ? "unavailable" : "plugin_refused";
}

/**
 * Have the application vouch for this browser (step 2 of the bootstrap): its route redirects to the
 * tokenizer, whose answer, cookie included, no script can see. That it was reached is known only by
 * the answer being of another origin.
 * @param {string} state
 * @returns {Promise<string | undefined>} a handle, in header sessions
 */
export async function bootstrap(state) {
  if (authentication.handle) return authentication.handle(state);
  const address = `/.lunasec/secure-frame?state=${encodeURIComponent(state)}`;
  const response = await fetch(address, {
    mode: "no-cors",
    credentials: "include",
    redirect: "follow",
    cache: "no-store",
    referrerPolicy: "same-origin",
  }).catch(() => {
    throw new Problem("blocked");
  });
  if (response.type !== "opaque") throw new Problem(codeOf(response.status));
  return undefined;
}
