/** Whose page it is, which session it expects, and what went wrong. */

import { parse } from "../frame/messages.js";

const PATIENCE = 10_000; // milliseconds

/** Applications may put in their own. @type {Record<string, string>} */
export const messages = {
  no_session: "Not signed in",
  not_proxied: "Not signed in",
  not_granted: "Not available",
  unavailable: "Not available right now",
  session_conflict: "Please reload the page",
  cookies_blocked: "Cookies are blocked",
  step_up_required: "Confirm it is you",
  blocked: "Blocked by this page",
  insecure_context: "Needs HTTPS",
};

const warned = new Set();

export class Problem extends Error {
  /** @param {string} code */
  constructor(code) {
    super(messages[code] ?? messages.not_granted);
    this.code = code;
    this.docs = `${tokenizer}/errors#${code}`;
  }

  /** @param {unknown} error */
  static of(error) {
    return error instanceof Problem ? error : new Problem("internal");
  }

  warn() {
    if (warned.has(this.code)) return;
    warned.add(this.code);
    console.warn(`lunasec: ${this.code}, see ${this.docs}`);
  }
}

const meta = () =>
  /** @type {HTMLMetaElement | null} */ (document.querySelector("meta[name=lunasec-session]"));

/** Where this is bundled, the page names it. */
export const tokenizer = meta()?.dataset.tokenizer ?? new URL(import.meta.url).origin;

/** @type {T.Authentication} */
export const authentication = {};

/** @type {(anew: boolean) => Promise<T.Identity>} */
export async function identify(anew) {
  if (!isSecureContext) throw new Problem("insecure_context");
  if (authentication.identify) return authentication.identify();
  const written = !anew && meta();
  if (!written) return (await import("./application.js").catch(unavailable)).ask();
  if (!written.content) throw new Problem("no_session");
  return { application: written.dataset.application ?? "", session: written.content };
}

/** What was to be loaded did not come. @returns {never} */
export function unavailable() {
  throw new Problem("unavailable");
}

/** @type {T.MakeFrame} */
export function makeFrame(application, role, src) {
  const iframe = document.createElement("iframe");
  const sandbox = "allow-scripts allow-same-origin allow-forms";
  iframe.setAttribute("sandbox", sandbox + (role === "download" ? " allow-downloads" : ""));
  // Chromium warns of a feature that it does not know.
  const { featurePolicy } = /** @type {any} */ (document);
  if (featurePolicy?.features().includes("autofill") ?? true) iframe.allow = "autofill";
  iframe.referrerPolicy = "no-referrer";
  iframe.src = src ?? `${tokenizer}/frame/${encodeURIComponent(application)}/${role}`;
  return iframe;
}

/** @type {(iframe: HTMLIFrameElement, hello: object) => Promise<MessagePort>} */
export async function greet(iframe, hello) {
  const { promise, resolve, reject } = Promise.withResolvers();
  /** @param {MessageEvent} event */
  const listen = ({ source, origin, data, ports: [port] }) => {
    if (source !== iframe.contentWindow || origin !== tokenizer) return;
    if (parse(data, { welcome: {} })) resolve(port);
  };
  addEventListener("message", listen);
  const timer = setTimeout(reject, PATIENCE, new Problem("unavailable"));
  iframe.contentWindow?.postMessage({ type: "hello", ...hello }, tokenizer);
  return promise.finally(() => {
    removeEventListener("message", listen);
    clearTimeout(timer);
  });
}
