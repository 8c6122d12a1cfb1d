/**
 * Reading, for all frames of a page at once. The page names every token that it shows before the
 * frames have loaded, so one request is under way early; each frame then claims its answer. An
 * answer is kept for as many frames as were announced and for a short time, no longer: whoever asks
 * later asks the tokenizer, because the grant may have ended since.
 */

import { isToken } from "./token.js";
import { BATCH_ITEMS, Refusal } from "./tokenizer.js";

/** @import { Session } from "./session.js" */

const UNCLAIMED = 20_000; // milliseconds; a hundred frames on a slow machine load in less
const TOGETHER = 5; // milliseconds; frames that ask by themselves tend to ask at the same time
const ANNOUNCED = 10_000; // tokens that a page can have waiting

/**
 * @typedef {object} Reading
 * @property {string} key
 * @property {string} ciphertext
 * @property {string} kind
 * @property {number} until when the grant ends, in milliseconds of this document's clock
 *
 * @typedef {object} Wanted
 * @property {number} announced frames that have not claimed it yet
 * @property {boolean} asked
 * @property {((answer: Reading | Refusal) => void)[]} waiting
 * @property {Reading | Refusal} [answer]
 */

export class Reads {
  /** @type {Map<string, Wanted>} */
  #wanted = new Map();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {Session} session */
  constructor(session) {
    this.session = session;
  }

  /**
   * The page shows these tokens; each once for each frame.
   * @param {string[]} tokens
   */
  announce(tokens) {
    if (this.#wanted.size + tokens.length > ANNOUNCED) return;
    for (const token of tokens) this.#want(token).announced += 1;
    this.flush()?.catch(() => {});
  }

  /**
   * Answer one frame, from what was announced or by asking.
   * @param {string} token
   * @returns {Promise<Reading | Refusal>}
   */
  read(token) {
    const wanted = this.#want(token);
    return new Promise((resolve) => {
      wanted.waiting.push(resolve);
      if (wanted.answer) this.#deliver(token, wanted);
      else if (!wanted.asked) this.#timer ??= setTimeout(() => this.flush()?.catch(() => {}), TOGETHER);
    });
  }

  /**
   * Ask for all that is wanted and was not asked for. Undefined where that is nothing.
   * @returns {Promise<void> | undefined}
   */
  flush() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.session.status === "starting") return undefined;
    const tokens = [...this.#wanted].filter(([, wanted]) => !wanted.asked).map(([token]) => token);
    if (tokens.length === 0) return undefined;
    for (const token of tokens) this.#want(token).asked = true;
    return this.#ask(tokens);
  }

  /** Forget everything, and tell whoever waits. @param {string} code */
  wipe(code) {
    for (const token of this.#wanted.keys()) this.#answer(token, new Refusal(code));
    this.#wanted.clear();
  }

  /** @param {string} token */
  #want(token) {
    const wanted = this.#wanted.get(token) ?? { announced: 0, asked: false, waiting: [] };
    this.#wanted.set(token, wanted);
    return wanted;
  }

  /** @param {string[]} tokens */
  async #ask(tokens) {
    const sound = await Promise.all(tokens.map(isToken));
    const asked = tokens.filter((_, index) => sound[index]);
    for (const [index, token] of tokens.entries()) {
      if (!sound[index]) this.#answer(token, new Refusal("not_granted"));
    }
    const batches = Math.ceil(asked.length / BATCH_ITEMS);
    await Promise.all(
      Array.from({ length: batches }, (_, batch) =>
        this.#post(asked.slice(batch * BATCH_ITEMS, (batch + 1) * BATCH_ITEMS))),
    );
  }

  /** @param {string[]} tokens */
  async #post(tokens) {
    try {
      const { values } = await this.session.post("/detokenize", { tokens });
      const now = performance.now();
      for (const [index, token] of tokens.entries()) {
        const { key, ciphertext, kind, expires_in, code } = values[index];
        this.#answer(token, code ? new Refusal(code)
          : { key, ciphertext, kind, until: now + expires_in * 1000 });
      }
    } catch (error) {
      const refusal = error instanceof Refusal ? error : new Refusal("unavailable");
      for (const token of tokens) this.#answer(token, refusal);
      throw refusal;
    }
  }

  /**
   * @param {string} token
   * @param {Reading | Refusal} answer
   */
  #answer(token, answer) {
    const wanted = this.#wanted.get(token);
    if (!wanted) return;
    wanted.answer = answer;
    this.#deliver(token, wanted);
    setTimeout(() => {
      if (this.#wanted.get(token) === wanted) this.#wanted.delete(token);
    }, UNCLAIMED);
  }

  /**
   * @param {string} token
   * @param {Wanted} wanted answered
   */
  #deliver(token, wanted) {
    const { answer } = wanted;
    if (!answer) return;
    wanted.announced -= wanted.waiting.length;
    for (const resolve of wanted.waiting.splice(0)) resolve(answer);
    if (wanted.announced <= 0) this.#wanted.delete(token);
  }
}
