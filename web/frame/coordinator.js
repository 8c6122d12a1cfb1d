/**
 * One hidden document a page, through which all of its fields speak with the tokenizer. Frames of
 * its own origin ask it for values; neither key nor value goes to the page.
 */

import {
  answer,
  awaitHello,
  CODE,
  REFERENCE,
  Refusal,
  receive,
  settings,
  TOKEN,
} from "./channel.js";
import { isToken } from "./field.js";
import { startSession } from "./session.js";

/** @import * as T from "../types" */

const ITEMS = 1_000; // the tokenizer's, a request
const SIZE = 900 * 1024; // bytes, below the tokenizer's 1 MiB
const TOGETHER = 10; // milliseconds
const UNCLAIMED = 20_000; // milliseconds; a hundred frames load in less

const fromPage = {
  bootstrapped: {},
  redeem: { handle: REFERENCE },
  failed: { code: CODE },
  show: { tokens: /** @type {[RegExp]} */ ([TOKEN]) },
};
const fromField = {
  read: { token: TOKEN },
  store: { key: 64, ciphertext: 100_000, kind: 32 },
};

awaitHello({ session: REFERENCE }, ({ session: expected }, page) => {
  /** @type {Set<MessagePort>} */
  const fields = new Set();
  /** @type {Map<string, T.Wanted>} */
  const wanted = new Map();
  /** @type {T.Offered[]} */
  let offered = [];
  let timer = 0;

  /** @param {object} message */
  const broadcast = (message) => {
    for (const field of fields) field.postMessage(message);
  };
  /** @param {string} code */
  const wipe = (code) => {
    broadcast({ type: "end", code });
    for (const { reject } of [...wanted.values(), ...offered]) reject(new Refusal(code));
    wanted.clear();
    offered = [];
  };

  const session = startSession(settings.application, expected, {
    live() {
      flush();
      page.postMessage({ type: "ready" });
    },
    bootstrap: (state, renewal) => page.postMessage({ type: "bootstrap", state, renewal }),
    unavailable: () => page.postMessage({ type: "unavailable" }),
    alive: () => broadcast({ type: "alive" }),
    over(code, began) {
      wipe(code);
      page.postMessage({ type: began ? "ended" : "failed", code });
    },
    prove: () => read(),
  });

  // For as many frames as were announced, and not for long: a grant may end.
  /** @param {string} token */
  const want = (token) => {
    const known = wanted.get(token);
    if (known) return known;
    /** @type {T.Wanted} */
    const made = { token, claims: 0, asked: false, ...Promise.withResolvers() };
    wanted.set(token, made);
    const later = () => setTimeout(forget, UNCLAIMED, made);
    made.promise.then(later, later);
    return made;
  };
  /** @param {T.Wanted} made */
  const forget = (made) => wanted.get(made.token) === made && wanted.delete(made.token);

  const read = () => {
    const asked = [...wanted.values()].filter((each) => !each.asked);
    if (session.status === "starting" || !asked.length) return undefined;
    for (const each of asked) each.asked = true;
    return readSound(asked);
  };
  /** @param {T.Wanted[]} asked */
  const readSound = async (asked) => {
    const sound = await Promise.all(asked.map(({ token }) => isToken(token)));
    for (const { reject } of asked.filter((_, at) => !sound[at]))
      reject(new Refusal("not_granted"));
    const batches = split(
      asked.filter((_, at) => sound[at]),
      () => 0,
    );
    await post("/detokenize", batches, (batch) => ({ tokens: batch.map(({ token }) => token) }));
  };
  const store = () => {
    if (session.status === "starting") return;
    const batches = split(offered, ({ value }) => value.ciphertext.length + 256);
    offered = [];
    post("/tokenize", batches, (batch) => ({ values: batch.map(({ value }) => value) }));
  };
  /** @type {T.PostBatches} */
  const post = (path, batches, body) =>
    Promise.all(
      batches.map(async (batch) => {
        try {
          const { tokens, values } = await session.post(path, body(batch));
          for (const [at, { resolve, reject }] of batch.entries()) {
            const { code, key, ciphertext, kind, expires_in } = values?.[at] ?? {};
            if (code) reject(new Refusal(code));
            else if (tokens) resolve({ token: tokens[at] });
            else resolve({ key, ciphertext, kind, until: performance.now() + expires_in * 1000 });
          }
        } catch (error) {
          for (const { reject } of batch) reject(error);
        }
      }),
    );

  const flush = () => {
    read();
    store();
  };
  const flushSoon = () => {
    clearTimeout(timer);
    timer = setTimeout(flush, TOGETHER);
  };

  receive(page, fromPage, {
    bootstrapped: () => session.bootstrapped(),
    redeem: ({ handle }) => session.bootstrapped(handle),
    failed: ({ code }) => session.over(code),
    show({ tokens }) {
      if (settings.reveal === "click") return;
      for (const token of tokens) want(token).claims += 1;
      read();
    },
  });

  /** @param {string} token */
  const claim = async (token) => {
    const made = want(token);
    made.claims -= 1;
    flushSoon();
    try {
      const { until, ...sealed } = await made.promise;
      return { ...sealed, expires_in: Math.max(0, (until - performance.now()) / 1000) };
    } finally {
      if (made.claims < 1) forget(made);
    }
  };

  addEventListener("message", ({ origin, data, ports: [field] }) => {
    if (origin !== location.origin || data !== "attach" || !field) return;
    fields.add(field);
    field.addEventListener("close", () => fields.delete(field));
    receive(field, fromField, {
      read: ({ token }, reply) => answer(reply, claim(token)),
      store(value, reply) {
        /** @type {T.Offered} */
        const made = { value, ...Promise.withResolvers() };
        offered.push(made);
        answer(reply, made.promise);
        flushSoon();
      },
    });
    if (session.status === "over") broadcast({ type: "end", code: session.code });
  });
  addEventListener("pagehide", () => wipe("unavailable"));

  // By which field frames of the same session find it.
  document.documentElement.dataset.session = expected;
});

/** @type {T.Split} */
function split(all, sizeOf) {
  /** @type {any[][]} */
  const batches = [];
  let room = 0;
  for (const each of all) {
    const last = batches.at(-1);
    room -= sizeOf(each);
    if (last && last.length < ITEMS && room >= 0) last.push(each);
    else {
      batches.push([each]);
      room = SIZE - sizeOf(each);
    }
  }
  return batches;
}
