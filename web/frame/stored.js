/**
 * One stored value on its way into a frame: read, opened, and ended with its grant. While the
 * tokenizer is away it is asked for again, more and more seldom; a refusal is final.
 */

import { open } from "./envelope.js";
import { passing, Refusal } from "./tokenizer.js";

/** @import { Link } from "./link.js" */

const LONGEST_PAUSE = 60; // seconds between two tries

/**
 * @typedef {object} Viewer
 * @property {(value: string) => void} shown
 * @property {(code: string) => void} failed
 * @property {() => void} expired the grant ended: forget the value
 */

export class Stored {
  #link;
  #application;
  #viewer;
  #current = 0;
  #tries = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {Link} link
   * @param {string} application
   * @param {Viewer} viewer
   */
  constructor(link, application, viewer) {
    this.#link = link;
    this.#application = application;
    this.#viewer = viewer;
  }

  /** Read a token's value and keep it until its grant ends. @param {string} token */
  async show(token) {
    this.forget();
    const current = this.#current;
    try {
      const sealed = await this.#link.read(token);
      const value = await this.#opened(sealed);
      if (current !== this.#current) return;
      this.#tries = 0;
      this.#viewer.shown(value);
      this.#timer = setTimeout(() => this.#viewer.expired(), sealed.expires_in * 1000);
    } catch (error) {
      if (current === this.#current) this.#fail(token, error);
    }
  }

  /** Drop whatever is under way. */
  forget() {
    this.#current += 1;
    clearTimeout(this.#timer);
  }

  /** @param {import("./link.js").Sealed} sealed */
  async #opened(sealed) {
    try {
      return await open(sealed, { application: this.#application, kind: sealed.kind });
    } catch {
      throw new Refusal("record_damaged");
    }
  }

  /**
   * @param {string} token
   * @param {unknown} error
   */
  #fail(token, error) {
    const { code, retryAfter } = error instanceof Refusal ? error : new Refusal("unavailable");
    this.#viewer.failed(code);
    if (!passing.has(code)) return;
    const pause = Math.max(retryAfter ?? 0, Math.min(2 ** (this.#tries + 1), LONGEST_PAUSE));
    this.#tries += 1;
    this.#timer = setTimeout(() => this.show(token), pause * 1000);
  }
}
