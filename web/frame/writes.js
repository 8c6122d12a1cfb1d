/** Storing, for all frames of a page at once: the fields of a form go in one request. */

import { BATCH_BYTES, BATCH_ITEMS, Refusal } from "./tokenizer.js";

/** @import { Session } from "./session.js" */

const TOGETHER = 5; // milliseconds; the fields of a form are sealed within a few of each other

/**
 * @typedef {{key: string, ciphertext: string, kind: string}} SealedValue
 * @typedef {{value: SealedValue, resolve: (answer: string | Refusal) => void}} Waiting
 */

export class Writes {
  /** @type {Waiting[]} */
  #waiting = [];

  /** @param {Session} session */
  constructor(session) {
    this.session = session;
  }

  /**
   * Store one sealed value, and give its token.
   * @param {SealedValue} value
   * @returns {Promise<string | Refusal>}
   */
  store(value) {
    if (this.#waiting.length === 0) setTimeout(() => this.flush(), TOGETHER);
    return new Promise((resolve) => {
      this.#waiting.push({ value, resolve });
    });
  }

  flush() {
    if (this.session.status === "starting") return;
    for (const batch of batches(this.#waiting.splice(0))) this.#post(batch);
  }

  /** @param {Waiting[]} batch */
  async #post(batch) {
    try {
      const values = batch.map(({ value }) => value);
      const { tokens } = await this.session.post("/tokenize", { values });
      for (const [index, { resolve }] of batch.entries()) resolve(tokens[index]);
    } catch (error) {
      const refusal = error instanceof Refusal ? error : new Refusal("unavailable");
      for (const { resolve } of batch) resolve(refusal);
    }
  }

  /** @param {string} code */
  wipe(code) {
    for (const { resolve } of this.#waiting.splice(0)) resolve(new Refusal(code));
  }
}

/**
 * Split at the tokenizer's limits, in order.
 * @param {Waiting[]} waiting
 * @returns {Waiting[][]}
 */
export function batches(waiting) {
  /** @type {Waiting[][]} */
  const split = [];
  let room = 0;
  for (const each of waiting) {
    const size = each.value.ciphertext.length + each.value.key.length + 128;
    const batch = split.at(-1);
    if (batch && batch.length < BATCH_ITEMS && size <= room) batch.push(each);
    else {
      split.push([each]);
      room = BATCH_BYTES;
    }
    room -= size;
  }
  return split;
}
