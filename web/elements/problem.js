/** What can go wrong, in words: a short one for the person, and a page of the docs for the developer. */

const DOCS = "docs/protocol.md#";

/**
 * Shown inside the element's own box. An application may put its own words, or another language's,
 * in their place.
 * @type {Record<string, string>}
 */
export const messages = {
  no_session: "Not signed in",
  not_granted: "Not available",
  expired: "No longer shown",
  unavailable: "Not available right now",
  too_many_requests: "Not available right now",
  session_conflict: "Please reload the page",
  cookies_blocked: "Cookies are blocked",
  blocked: "Blocked by this page",
  plugin_not_found: "Not set up",
  plugin_not_reached: "Not set up",
  insecure_context: "Needs HTTPS",
};

/** What the developer should look at first. @type {Record<string, string>} */
const advice = {
  no_session: "The session id provider found nobody. Is the person logged in?",
  not_granted: "This session has no grant for the token (or it ended): call grants.create first.",
  unavailable: "The tokenizer can't be reached; it is tried again, more and more seldom.",
  session_conflict: "The session changed twice within a minute. Do two log-ins share one browser?",
  cookies_blocked: "The tokenizer's cookie did not come back. Serve it from the application's own site.",
  blocked: "The request was stopped: offline, or the page's Content-Security-Policy (`lunasec check --csp`).",
  plugin_not_found: "/.lunasec/ answers 404. Was lunasec.register(app) called?",
  plugin_not_reached: "/.lunasec/ was answered by something else, like a log-in page.",
  plugin_refused: "The plugin refused the request; its answer in the network panel says why.",
  insecure_context: "Without HTTPS there is no WebCrypto. Use HTTPS, or a host below .localhost.",
  validator_unknown: "No such validator: ssn, email, card, phone, ein, or one declared in lunasec.toml.",
  token_malformed: "That is not a token. Values never go through the page.",
};

export class Problem extends Error {
  /** @param {string} code */
  constructor(code) {
    super(messages[code] ?? "Not available");
    this.code = code;
    this.docs = DOCS + code;
    this.advice = advice[code] ?? "";
  }

  /** @param {unknown} error */
  static of(error) {
    return error instanceof Problem ? error : new Problem("internal");
  }
}

/** @type {Set<string>} */
const warned = new Set();

/** Tell the developer, once for each code: a page may show hundreds of fields. @param {Problem} problem */
export function warn({ code, docs, advice: what }) {
  if (warned.has(code)) return;
  warned.add(code);
  console.warn(`lunasec: ${code}. ${what} See ${docs}`);
}
