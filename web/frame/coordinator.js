/** One hidden document a page, by which all of its fields speak with the tokenizer. */

import { awaitHello, settings } from "./channel.js";
import { answer, CODE, codeOf, REFERENCE, Refusal, receive, TOKEN } from "./messages.js";
import { startSession } from "./session.js";

const SIZE = 900 * 1024; // bytes a request, of 1 MiB
const SHARE = SIZE / 1_000; // for its items
const TOGETHER = 10; // milliseconds
const UNCLAIMED = 20_000; // a hundred frames load in less

const fromPage = {
  bootstrapped: {},
  redeem: { handle: REFERENCE },
  failed: { code: CODE },
  show: { tokens: /** @type {[RegExp]} */ ([TOKEN]) },
};
const fromField = {
  read: { token: TOKEN },
  store: { key: 64, ciphertext: 100_000, kind: 32 },
  serve: { module: /^(?:files|copies|reads|tagged)$/ },
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

  const session = startSession(expected, {
    flush: () => flush(),
    tell: (message) => page.postMessage(message),
    alive: () => broadcast({ type: "alive" }),
    wipe,
    prove: () => read(),
  });

  // For those announced, and not for long: a grant may end.
  /** @param {string} token */
  const want = (token) => {
    const known = wanted.get(token);
    if (known) return known;
    /** @type {T.Wanted} */
    const made = { token, claims: 0, asked: false, ...Promise.withResolvers() };
    wanted.set(token, made);
    made.promise.catch(() => {}); // who claims it hears
    return made;
  };
  /** @param {T.Wanted} made */
  const forget = (made) => wanted.get(made.token) === made && wanted.delete(made.token);

  const read = () => {
    const asked = [...wanted.values()].filter((each) => !each.asked);
    if (session.status === "starting" || !asked.length) return undefined;
    for (const each of asked) each.asked = true;
    const batches = split(asked, () => SHARE);
    const done = post("/detokenize", batches, (batch) => ({
      tokens: batch.map(({ token }) => token),
    }));
    done.then(() => setTimeout(() => asked.forEach(forget), UNCLAIMED));
    return done;
  };
  const store = () => {
    if (session.status === "starting") return;
    const batches = split(offered, ({ value }) => value.ciphertext.length + SHARE);
    offered = [];
    post("/tokenize", batches, (batch) => ({ values: batch.map(({ value }) => value) }));
  };
  /** @type {T.PostBatches} */
  const post = (path, batches, body) =>
    Promise.all(
      batches.map(async (batch) => {
        const began = performance.now(); // an end counted from the answer would tell its size
        try {
          const { tokens, values } = await session.post(path, body(batch));
          for (const [at, { resolve, reject }] of batch.entries()) {
            const { code, key, ciphertext, kind, expires_in } = values?.[at] ?? {};
            if (code) reject(new Refusal(code));
            else if (tokens) resolve({ token: tokens[at] });
            else resolve({ key, ciphertext, kind, until: began + expires_in * 1000 });
          }
        } catch (error) {
          let why = error;
          if (/^to(?:o_large|ken_malformed)$/.test(codeOf(error))) {
            const loaded = await import("./batches.js").catch(() => undefined);
            const others = await loaded?.othersOf(batch, codeOf(error));
            if (others) return post(path, others, body);
            if (!loaded) why = new Refusal("unavailable");
          }
          for (const { reject } of batch) reject(why);
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
    if (!made.asked) flushSoon();
    try {
      const { until, ...sealed } = await made.promise;
      return { ...sealed, expires_in: Math.max(0, (until - performance.now()) / 1000) };
    } finally {
      if (made.claims < 1) forget(made);
    }
  };

  /** @type {(value: T.SealedValue, reply?: MessagePort) => void} */
  const offer = (value, reply) => {
    /** @type {T.Offered} */
    const made = { value, ...Promise.withResolvers() };
    offered.push(made);
    answer(reply, made.promise);
    flushSoon();
  };

  /** @type {(module: string, port?: MessagePort) => void} */
  const serve = (module, port) => {
    import(`./${module}.js`).then(
      (loaded) => loaded.serve(port, session, expected, claim, offer),
      () => {
        if (!port) return;
        // Who asks is told, and it is tried again.
        port.onmessage = ({ ports: [reply] }) => {
          (reply ?? port).postMessage({ type: "refused", code: "unavailable" });
          serve(module, port);
        };
      },
    );
  };

  addEventListener("message", ({ origin, data, ports: [field] }) => {
    if (origin !== location.origin || data !== "attach" || !field) return;
    fields.add(field);
    field.addEventListener("close", () => fields.delete(field));
    receive(field, fromField, {
      read: ({ token }, reply) => answer(reply, claim(token)),
      store: offer,
      serve: ({ module }, port) => serve(module, port),
    });
    if (session.status === "over") broadcast({ type: "end", code: session.code });
  });
  addEventListener("pagehide", () => wipe("unavailable"));

  // By which its fields find it.
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
    if (last && room >= 0) last.push(each);
    else {
      batches.push([each]);
      room = SIZE - sizeOf(each);
    }
  }
  return batches;
}
