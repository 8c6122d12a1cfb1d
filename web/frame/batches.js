/** Reading and storing for all frames of a page at once: the fewer requests, the sooner all is there. */

import { Refusal } from "./channel.js";
import { isToken } from "./envelope.js";

/** @import { Reading, SealedValue } from "../types" */
/** @import { Session } from "./session.js" */
/** @typedef {PromiseWithResolvers<Reading> & {token: string, claims: number, asked: boolean}} Wanted */
/** @typedef {PromiseWithResolvers<string> & {value: SealedValue}} Offered */

const ITEMS = 1_000; // of the tokenizer, a request
const SIZE = 900 * 1024; // below the tokenizer's 1 MiB, with room for the JSON around
const TOGETHER = 10; // milliseconds; frames that ask unannounced tend to ask at the same time
const UNCLAIMED = 20_000; // milliseconds; a hundred frames on a slow machine load in less

/**
 * The page names every token that it shows before its frames have loaded, and each frame claims its
 * answer. An answer is kept for as many frames as were named, and not for long: whoever comes later
 * asks the tokenizer, because the grant may have ended since.
 */
export class Reads {
  /** @type {Map<string, Wanted>} */
  #wanted = new Map();
  #session;
  #timer = 0;

  /** @param {Session} session */
  constructor(session) {
    this.#session = session;
  }

  /** @param {string[]} tokens each once for each frame that will show it */
  announce(tokens) {
    for (const token of tokens) this.#want(token).claims += 1;
    this.flush();
  }

  /** @param {string} token */
  read(token) {
    const wanted = this.#want(token);
    wanted.claims -= 1;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), TOGETHER);
    return wanted.promise.finally(() => wanted.claims < 1 && this.#forget(wanted));
  }

  /** Ask for all that was not asked for yet. Undefined where that is nothing. */
  flush() {
    if (this.#session.status === "starting") return undefined;
    const asked = [...this.#wanted.values()].filter((wanted) => !wanted.asked);
    for (const wanted of asked) wanted.asked = true;
    return asked.length ? this.#ask(asked) : undefined;
  }

  /** @param {string} code */
  wipe(code) {
    for (const { reject } of this.#wanted.values()) reject(new Refusal(code));
    this.#wanted.clear();
  }

  /** @param {string} token */
  #want(token) {
    const known = this.#wanted.get(token);
    if (known) return known;
    /** @type {Wanted} */
    const wanted = { token, claims: 0, asked: false, ...Promise.withResolvers() };
    this.#wanted.set(token, wanted);
    const later = () => setTimeout(() => this.#forget(wanted), UNCLAIMED);
    wanted.promise.then(later, later);
    return wanted;
  }

  /** @param {Wanted} wanted */
  #forget(wanted) {
    if (this.#wanted.get(wanted.token) === wanted) this.#wanted.delete(wanted.token);
  }

  /** @param {Wanted[]} asked */
  async #ask(asked) {
    const sound = await Promise.all(asked.map(({ token }) => isToken(token)));
    for (const { reject } of asked.filter((_, at) => !sound[at])) reject(new Refusal("not_granted"));
    const known = asked.filter((_, at) => sound[at]);
    await Promise.all(split(known, () => 0).map((batch) => this.#post(batch)));
  }

  /** @param {Wanted[]} batch */
  async #post(batch) {
    try {
      const tokens = batch.map(({ token }) => token);
      const { values } = await this.#session.post("/detokenize", { tokens });
      for (const [at, { resolve, reject }] of batch.entries()) {
        const { code, key, ciphertext, kind, expires_in } = values[at];
        if (code) reject(new Refusal(code));
        else resolve({ key, ciphertext, kind, until: performance.now() + expires_in * 1000 });
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}

/** The fields of a form go in one request. */
export class Writes {
  /** @type {Offered[]} */
  #offered = [];
  #session;

  /** @param {Session} session */
  constructor(session) {
    this.#session = session;
  }

  /** @param {SealedValue} value */
  store(value) {
    /** @type {Offered} */
    const offered = { value, ...Promise.withResolvers() };
    if (this.#offered.push(offered) === 1) setTimeout(() => this.flush(), TOGETHER);
    return offered.promise;
  }

  flush() {
    if (this.#session.status === "starting") return;
    for (const batch of split(this.#offered.splice(0), ({ value }) => value.ciphertext.length + 256)) this.#post(batch);
  }

  /** @param {string} code */
  wipe(code) {
    for (const { reject } of this.#offered.splice(0)) reject(new Refusal(code));
  }

  /** @param {Offered[]} batch */
  async #post(batch) {
    try {
      const values = batch.map(({ value }) => value);
      const { tokens } = await this.#session.post("/tokenize", { values });
      for (const [at, { resolve }] of batch.entries()) resolve(tokens[at]);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}

/**
 * Split at the tokenizer's limits, in order.
 * @template T
 * @param {T[]} all
 * @param {(each: T) => number} sizeOf
 */
export function split(all, sizeOf) {
  /** @type {T[][]} */
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
