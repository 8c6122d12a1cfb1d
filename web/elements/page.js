/**
 * The page's side of the bootstrap: where the tokenizer is, which application the page belongs to
 * and which session it expects, what went wrong, and a frame. The expected session comes from the
 * application and never from the tokenizer: under any other, a frame made for it stays blank.
 */

import { parse } from "../frame/channel.js";

/** @import { Authentication, Identity } from "../types" */

const DOCS = "docs/protocol.md#";
const PATIENCE = 10_000; // milliseconds from a document's arrival to its answer

/**
 * Shown in an element's own box; an application may put other words in their place.
 * @type {Record<string, string>}
 */
export const messages = {
  no_session: "Not signed in",
  not_granted: "Not available",
  unavailable: "Not available right now",
  session_conflict: "Please reload the page",
  cookies_blocked: "Cookies are blocked",
  blocked: "Blocked by this page",
  plugin_not_found: "Not set up",
  plugin_not_reached: "Not set up",
  insecure_context: "Needs HTTPS",
};

/** What a developer should look at first. @type {Record<string, string>} */
const advice = {
  no_session: "The application's session id provider found nobody.",
  not_granted: "The session has no grant for this token, or no longer: call grants.create.",
  session_conflict: "The session changed twice within a minute.",
  cookies_blocked: "The tokenizer's cookie did not come back: serve it from the application's own site.",
  blocked: "Offline, or stopped by the page's Content-Security-Policy: see `lunasec check --csp`.",
  plugin_not_found: "/.lunasec/ answers 404: call lunasec.register(app).",
  plugin_not_reached: "Something else answers at /.lunasec/, like a log-in page.",
  insecure_context: "Only HTTPS, or a host below .localhost, has WebCrypto.",
  validator_unknown: "Neither built in nor declared in lunasec.toml.",
};

export class Problem extends Error {
  /** @param {string} code */
  constructor(code) {
    super(messages[code] ?? messages.not_granted);
    this.code = code;
    this.docs = DOCS + code;
  }

  /** @param {unknown} error */
  static of(error) {
    return error instanceof Problem ? error : new Problem("internal");
  }

  /** Tell the developer, once a code: a page may show hundreds of fields. */
  warn() {
    if (warned.has(this.code)) return;
    warned.add(this.code);
    console.warn(`lunasec: ${this.code}. ${advice[this.code] ?? ""} See ${this.docs}`);
  }
}

/** @type {Set<string>} */
const warned = new Set();

const meta = () => /** @type {HTMLMetaElement | null} */ (document.querySelector("meta[name=lunasec-session]"));

/** This module comes from the tokenizer; where it is bundled, the page names it. */
export const tokenizer = meta()?.dataset.tokenizer ?? new URL(import.meta.url).origin;

/** @type {Authentication} */
export const authentication = {};

/**
 * @param {boolean} anew ask the application, whatever it wrote into the page
 * @returns {Promise<Identity>}
 */
export async function identify(anew) {
  if (!isSecureContext) throw new Problem("insecure_context");
  if (authentication.identify) return authentication.identify();
  const written = meta();
  if (anew || !written) return ask();
  const { content: session, dataset: { application = "" } } = written;
  if (session) return { application, session };
  throw new Problem("no_session");
}

async function ask() {
  const response = await reach("/.lunasec/session");
  const { application, session } = await response.json().catch(() => ({}));
  if (response.status === 200 && application && session) return { application, session };
  throw refused(response);
}

/**
 * Have the application vouch for this browser: its route redirects to the tokenizer, whose answer no
 * script can see. That it was reached shows in the answer being of another origin.
 * @param {string} state
 */
export async function bootstrap(state) {
  if (authentication.handle) return authentication.handle(state);
  const response = await reach(`/.lunasec/secure-frame?state=${state}`, { mode: "no-cors", credentials: "include" });
  if (response.type !== "opaque") throw refused(response);
  return "";
}

/** @param {string} address @param {RequestInit} [how] */
function reach(address, how) {
  return fetch(address, { cache: "no-store", referrerPolicy: "same-origin", ...how }).catch(() => {
    throw new Problem("blocked");
  });
}

/** What an answer of the application itself means, where it should not have been one. @param {Response} response */
function refused({ status }) {
  const code = { 200: "plugin_not_reached", 401: "no_session", 404: "plugin_not_found" }[status];
  return new Problem(code ?? (status < 500 && status !== 429 ? "plugin_refused" : "unavailable"));
}

/**
 * Make a frame, which may run its scripts in its own origin and nothing else.
 * @param {string} application
 * @param {string} role
 */
export function makeFrame(application, role) {
  const iframe = document.createElement("iframe");
  iframe.setAttribute("sandbox", "allow-scripts allow-same-origin allow-forms");
  // Chromium warns of a feature that it does not know, once a frame.
  const { featurePolicy } = /** @type {any} */ (document);
  if (featurePolicy?.features().includes("autofill") ?? true) iframe.allow = "autofill";
  iframe.referrerPolicy = "no-referrer";
  iframe.src = `${tokenizer}/frame/${encodeURIComponent(application)}/${role}`;
  return iframe;
}

/**
 * Say hello to the document that has arrived in a frame, and wait for its port.
 * @param {HTMLIFrameElement} iframe
 * @param {object} hello
 * @returns {Promise<MessagePort>}
 */
export async function greet(iframe, hello) {
  const { promise, resolve, reject } = Promise.withResolvers();
  /** @param {MessageEvent} event */
  const listen = ({ source, origin, data, ports: [port] }) => {
    if (source === iframe.contentWindow && origin === tokenizer && parse(data, { welcome: {} })) resolve(port);
  };
  addEventListener("message", listen);
  const timer = setTimeout(() => reject(new Problem("unavailable")), PATIENCE);
  iframe.contentWindow?.postMessage({ type: "hello", ...hello }, tokenizer);
  return promise.finally(() => {
    removeEventListener("message", listen);
    clearTimeout(timer);
  });
}
