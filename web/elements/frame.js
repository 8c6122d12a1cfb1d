/** One document of the tokenizer in the page, and the port to it. */

import { parse } from "../frame/channel.js";
import { tokenizer } from "./page.js";
import { Problem } from "./problem.js";

const PATIENCE = 10_000; // milliseconds from the document's arrival to its answer

/**
 * Make the iframe. It may run its scripts in its own origin, and nothing else: no pop-ups, no
 * downloads, no leading the page elsewhere.
 * @param {string} application
 * @param {"coordinator" | "input" | "text"} role
 */
export function makeFrame(application, role) {
  const iframe = document.createElement("iframe");
  iframe.setAttribute("sandbox", "allow-scripts allow-same-origin allow-forms");
  iframe.allow = role === "input" ? "autofill" : "";
  iframe.referrerPolicy = "no-referrer";
  iframe.src = `${tokenizer}/frame/${encodeURIComponent(application)}/${role}`;
  return iframe;
}

/**
 * Say hello to the document in an iframe, once it is there, and wait for its port.
 * @param {HTMLIFrameElement} iframe whose document has arrived
 * @param {object} hello
 * @returns {Promise<MessagePort>}
 */
export function greet(iframe, hello) {
  return new Promise((resolve, reject) => {
    const done = new AbortController();
    const timer = setTimeout(() => {
      done.abort();
      reject(new Problem("unavailable"));
    }, PATIENCE);
    addEventListener("message", (event) => {
      const [port] = event.ports;
      if (event.source !== iframe.contentWindow || event.origin !== tokenizer || !port) return;
      if (!parse(event.data, { welcome: {} })) return;
      clearTimeout(timer);
      done.abort();
      resolve(port);
    }, { signal: done.signal });
    iframe.contentWindow?.postMessage({ type: "hello", ...hello }, tokenizer);
  });
}

/** @param {HTMLIFrameElement} iframe */
export const arrival = (iframe) => new Promise((resolve) => {
  iframe.addEventListener("load", resolve, { once: true });
});
