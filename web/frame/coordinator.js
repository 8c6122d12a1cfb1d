/**
 * The coordinator: one hidden document a page, through which all of its fields speak with the
 * tokenizer. The page tells it the session that it expects and the tokens that it shows; field
 * frames, of the same origin as itself, ask it for values. Neither key nor value goes to the page.
 */

import { Reads, Writes } from "./batches.js";
import { awaitHello, CODE, codeOf, parse, receive, REFERENCE, settings, TOKEN } from "./channel.js";
import { Session } from "./session.js";

/** @import { Watcher } from "../types" */

const fromPage = {
  bootstrapped: {},
  redeem: { handle: REFERENCE },
  failed: { code: CODE },
  show: { tokens: /** @type {[RegExp]} */ ([TOKEN]) },
};
const fromField = {
  read: { id: 36, token: TOKEN },
  store: { id: 36, key: 64, ciphertext: 100_000, kind: 32 },
};

awaitHello({ session: REFERENCE }, ({ session: expected }, page) => {
  /** @type {Set<MessagePort>} */
  const fields = new Set();
  /** @param {object} message */
  const broadcast = (message) => fields.forEach((field) => field.postMessage(message));
  /** @param {string} code */
  const wipe = (code) => {
    broadcast({ type: "end", code });
    for (const waiting of [reads, writes]) waiting.wipe(code);
  };
  /** @type {Watcher} */
  const watcher = {
    live() {
      for (const waiting of [reads, writes]) waiting.flush();
      page.postMessage({ type: "ready" });
    },
    bootstrap: (state, renewal) => page.postMessage({ type: "bootstrap", state, renewal }),
    unavailable: () => page.postMessage({ type: "unavailable" }),
    alive: () => broadcast({ type: "alive" }),
    over(code, began) {
      wipe(code);
      page.postMessage({ type: began ? "ended" : "failed", code });
    },
    prove: () => reads.flush(),
  };
  const session = new Session(settings.application, expected, watcher);
  const reads = new Reads(session);
  const writes = new Writes(session);

  receive(page, fromPage, {
    bootstrapped: () => session.bootstrapped(),
    redeem: ({ handle }) => session.bootstrapped(handle),
    failed: ({ code }) => session.over(code),
    // Where the application demands a gesture, nothing is read before one.
    show: ({ tokens }) => settings.reveal === "always" && reads.announce(tokens),
  });

  /** @param {MessagePort} field */
  const serve = (field) => {
    fields.add(field);
    field.addEventListener("close", () => fields.delete(field));
    /** @type {(id: string, answer: Promise<object>) => Promise<void>} */
    const reply = (id, answer) => answer.then(
      (found) => field.postMessage({ id, ...found }),
      (error) => field.postMessage({ type: "refused", id, code: codeOf(error) }),
    );
    receive(field, fromField, {
      read: ({ id, token }) => reply(id, reads.read(token).then(({ until, ...sealed }) => ({
        type: "value", ...sealed, expires_in: Math.max(0, (until - performance.now()) / 1000),
      }))),
      store: ({ id, ...value }) => reply(id, writes.store(value).then((token) => ({ type: "stored", token }))),
    });
    if (session.status === "over") broadcast({ type: "end", code: session.code });
  };
  addEventListener("message", ({ origin, data, ports: [field] }) => {
    const asked = origin === location.origin && parse(data, { attach: { session: REFERENCE } });
    if (asked && asked.fields.session === expected && field) serve(field);
  });
  addEventListener("pagehide", () => wipe("unavailable"));

  // How a field frame finds the coordinator that is pinned to the same session as itself.
  document.documentElement.dataset.session = expected;
});
