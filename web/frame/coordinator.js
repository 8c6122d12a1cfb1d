/**
 * The coordinator: one hidden document a page, through which all of its fields speak with the
 * tokenizer. The page tells it the session that it expects and the tokens that it shows; field
 * frames, which are of the same origin, ask it for values. A key or a value never goes to the page.
 */

import { awaitHello } from "./handshake.js";
import { code, list, matching, parse, receive, reference, text, token } from "./channel.js";
import { Reads } from "./reads.js";
import { Session } from "./session.js";
import { readSettings } from "./settings.js";
import { Refusal } from "./tokenizer.js";
import { Writes } from "./writes.js";

const settings = readSettings();
const { application } = settings;

const fromPage = {
  bootstrapped: {},
  redeem: { handle: matching(/^[\w.~-]{16,512}$/) },
  failed: { code },
  show: { tokens: list(token, 10_000) },
};
const fromField = {
  read: { id: text(36), token },
  store: { id: text(36), key: text(64), ciphertext: text(100_000), kind: text(32) },
};
const attachment = { attach: { application: text(64), session: reference } };

awaitHello(settings.origins, { session: reference }, ({ session: expected }, page) => {
  /** @type {Set<MessagePort>} */
  const fields = new Set();
  /** @param {object} message */
  const broadcast = (message) => {
    for (const field of fields) field.postMessage(message);
  };
  /** @param {string} code */
  const wipe = (code) => {
    broadcast({ type: "end", code });
    reads.wipe(code);
    writes.wipe(code);
  };
  const session = new Session(application, expected, {
    live() {
      reads.flush()?.catch(() => {});
      writes.flush();
      page.postMessage({ type: "ready" });
    },
    bootstrap: (state, renewal) => page.postMessage({ type: "bootstrap", state, renewal }),
    unavailable: () => page.postMessage({ type: "unavailable" }),
    alive: () => broadcast({ type: "alive" }),
    failed(code) {
      wipe(code);
      page.postMessage({ type: "failed", code });
    },
    ended(code) {
      wipe(code);
      page.postMessage({ type: "ended", code });
    },
    prove: () => reads.flush(),
  });
  const reads = new Reads(session);
  const writes = new Writes(session);

  receive(page, fromPage, {
    bootstrapped: () => session.bootstrapped(),
    redeem: ({ handle }) => session.redeem(handle),
    failed: ({ code }) => session.over(code),
    // Where the application demands a gesture, nothing is read before one.
    show: ({ tokens }) => settings.reveal === "always" && reads.announce(tokens),
  });

  /** @param {MessagePort} port */
  const serve = (port) => {
    fields.add(port);
    port.addEventListener("close", () => fields.delete(port));
    receive(port, fromField, {
      async read({ id, token }) {
        const answer = await reads.read(token);
        if (answer instanceof Refusal) return port.postMessage(refused(id, answer));
        const { until, ...sealed } = answer;
        const expires_in = Math.max(0, (until - performance.now()) / 1000);
        port.postMessage({ type: "value", id, ...sealed, expires_in });
      },
      async store({ id, key, ciphertext, kind }) {
        const answer = await writes.store({ key, ciphertext, kind });
        if (answer instanceof Refusal) return port.postMessage(refused(id, answer));
        port.postMessage({ type: "stored", id, token: answer });
      },
    });
    if (session.status === "over") port.postMessage({ type: "end", code: session.code });
  };

  addEventListener("message", (event) => {
    if (event.origin !== location.origin || event.source === parent) return;
    const message = parse(event.data, attachment);
    const same = message?.fields.application === application && message.fields.session === expected;
    const [port] = event.ports;
    if (same && port) serve(port);
  });
  addEventListener("pagehide", () => session.over("session_changed"));

  // How a field frame finds the coordinator that is pinned to the same session as itself.
  document.documentElement.dataset.session = expected;
});

/**
 * @param {string} id
 * @param {Refusal} refusal
 */
function refused(id, { code, retryAfter = 0 }) {
  return { type: "refused", id, code, retry_after: retryAfter };
}
