/** Values of a group: what is asked for in one turn is one message to the coordinator, and so back. */

import { answer, CODE, parse, Refusal, receive, TOKEN } from "./messages.js";

const SEALED = { key: 64, ciphertext: 100_000, kind: 32, expires_in: Number };
const shapes = { read: { first: Number, tokens: /** @type {[RegExp]} */ ([TOKEN]) } };

/** Collect what comes in one turn. @type {T.Together} */
function together(take) {
  /** @type {any[]} */
  let all = [];
  return (each) => {
    if (all.push(each) > 1) return;
    queueMicrotask(() => {
      const taken = all;
      all = [];
      take(taken);
    });
  };
}

/** The frame's part. @type {T.MakeReader} */
export function makeReader(link) {
  const { port1, port2 } = new MessageChannel();
  /** @type {Map<number, {resolve: (found: any) => void, reject: (refusal: Refusal) => void}>} */
  const waiting = new Map();
  let numbers = 0;

  const put = together((tokens) => {
    port1.postMessage({ type: "read", first: numbers - tokens.length, tokens });
  });
  port1.onmessage = ({ data }) => {
    // One answer to all is a refusal: the coordinator's part did not come.
    const told = Array.isArray(data) ? data : [...waiting.keys()].map((each) => [each, data]);
    for (const [number, one] of told) {
      const { fields } = parse(one, { answer: SEALED, refused: { code: CODE } }) ?? {};
      if (fields?.code) waiting.get(number)?.reject(new Refusal(fields.code));
      else waiting.get(number)?.resolve(fields);
      waiting.delete(number);
    }
  };
  link.postMessage({ type: "serve", module: "reads" }, [port2]);
  return (token) => {
    const { promise, ...settle } = Promise.withResolvers();
    waiting.set(numbers, settle);
    numbers += 1;
    put(token);
    return promise;
  };
}

/** The coordinator's part. @type {T.ServePort} */
export function serve(port, _session, _reference, claim) {
  if (!port) return;
  const tell = together((told) => port.postMessage(told));
  receive(port, shapes, {
    read({ first, tokens }) {
      for (const [at, token] of tokens.entries()) {
        const postMessage = (/** @type {object} */ told) => tell([first + at, told]);
        answer(/** @type {any} */ ({ postMessage }), claim(token));
      }
    },
  });
}
