/**
 * The coordinator's view of the tokenizer's session: is it there, how long, and is it still the one
 * that this document was made for. It is pinned to one reference; when the browser's session is
 * another one, or has ended, everything ends here and the page has to make new documents.
 */

import { passing, post, Refusal } from "./tokenizer.js";

const POLL = 5_000; // milliseconds; a log-out elsewhere blanks a visible page within twice this
const RENEWAL_PAUSE = 60_000; // milliseconds between two renewals, whatever the tokenizer says
const LONGEST_PAUSE = 30_000; // milliseconds between two tries while the tokenizer is away

/**
 * @typedef {object} Watcher
 * @property {() => void} live the session is there: what waits may be asked for
 * @property {(state: string, renewal: boolean) => void} bootstrap the page has to fetch its application's route
 * @property {() => void} unavailable the tokenizer can't be reached; it is tried again
 * @property {() => void} alive another poll found the session in place
 * @property {(code: string) => void} failed there never was a session, and no further try
 * @property {(code: string) => void} ended it is over: wipe
 * @property {() => Promise<unknown> | undefined} prove a request that waits and would show that the cookie arrived
 */

export class Session {
  /** @type {"starting" | "live" | "over"} */
  status = "starting";
  /** Why it is over. */
  code = "no_session";
  #proven = false;
  #bootstrapping = false;
  #tries = 0;
  #renewedAt = -RENEWAL_PAUSE;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #renewal;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #expiry;

  /**
   * @param {string} application
   * @param {string} reference
   * @param {Watcher} watcher
   */
  constructor(application, reference, watcher) {
    this.application = application;
    this.reference = reference;
    this.watcher = watcher;
    setInterval(() => this.#poll(), POLL);
    addEventListener("visibilitychange", () => this.#poll());
    addEventListener("pageshow", () => this.#poll());
    this.#start();
  }

  /**
   * Post on behalf of this session. What the tokenizer says about the session ends it here.
   * @param {string} path
   * @param {object} body
   */
  async post(path, body) {
    if (this.status === "over") throw new Refusal(this.code);
    try {
      const answer = await post(this.application, path, { session: this.reference, ...body });
      if (path !== "/session/ensure") this.#proven = true;
      return answer;
    } catch (error) {
      throw this.#judged(/** @type {Refusal} */ (error));
    }
  }

  /** The page has fetched its application's route, so the cookie should be there now. */
  async bootstrapped() {
    if (this.status === "over" || !this.#bootstrapping) return;
    this.#bootstrapping = false;
    if (this.status === "live") return this.#ensure().catch(() => {});
    this.status = "live";
    this.#proven = false;
    try {
      // A request that waits anyway is the proof, and saves one to a page that shows a value.
      await (this.watcher.prove() ?? this.#ensure());
      if (this.status === "live") this.watcher.live();
    } catch {
      if (this.status === "live") this.#retry();
    }
  }

  /**
   * Header sessions: the page's application handed the handle to its script.
   * @param {string} handle
   */
  async redeem(handle) {
    try {
      await post(this.application, `/session/create/${this.application}`, { handle });
    } catch (error) {
      return this.over(/** @type {Refusal} */ (error).code);
    }
    return this.bootstrapped();
  }

  /** @param {string} code */
  over(code) {
    if (this.status === "over") return;
    const began = this.#proven;
    this.status = "over";
    this.code = code;
    clearTimeout(this.#renewal);
    clearTimeout(this.#expiry);
    if (began) this.watcher.ended(code);
    else this.watcher.failed(code);
  }

  async #start() {
    try {
      const answer = await this.#asked(false);
      if (!answer.active) return this.#bootstrap(answer.state);
      this.status = "live";
      this.watcher.live();
    } catch {
      if (this.status === "starting") this.#retry();
    }
  }

  /** @param {string} state */
  #bootstrap(state) {
    this.#bootstrapping = true;
    this.watcher.bootstrap(state, this.status === "live");
  }

  #retry() {
    this.status = "starting";
    this.watcher.unavailable();
    setTimeout(() => this.#start(), Math.min(1000 * 2 ** this.#tries, LONGEST_PAUSE));
    this.#tries += 1;
  }

  /** @param {boolean} renew */
  async #asked(renew) {
    const answer = await this.post("/session/ensure", renew ? { renew } : {});
    if (answer.active) this.#keep(answer);
    return answer;
  }

  async #ensure() {
    const answer = await this.#asked(false);
    if (answer.active) this.watcher.alive();
    // The cookie was set a moment ago and did not come back, or the session is over.
    else this.over(this.#proven ? "no_session" : "cookies_blocked");
  }

  #poll() {
    if (this.status !== "live" || document.visibilityState !== "visible") return;
    // Until it is known better nothing has ended, except that the session's own time runs out.
    this.#ensure().catch(() => this.watcher.alive());
  }

  /** @param {{expires_in: number, renew_in: number}} answer */
  #keep({ expires_in, renew_in }) {
    this.#proven = true;
    this.#tries = 0;
    clearTimeout(this.#renewal);
    clearTimeout(this.#expiry);
    const earliest = this.#renewedAt + RENEWAL_PAUSE - performance.now();
    this.#renewal = setTimeout(() => this.#renew(), Math.max(renew_in * 1000, earliest, 0));
    this.#expiry = setTimeout(() => this.over("no_session"), expires_in * 1000);
  }

  async #renew() {
    this.#renewedAt = performance.now();
    // Unless it succeeds, which sets another time.
    this.#renewal = setTimeout(() => this.#renew(), RENEWAL_PAUSE);
    const answer = await this.#asked(true).catch(() => undefined);
    if (answer && !answer.active) this.#bootstrap(answer.state);
  }

  /**
   * @param {Refusal} refusal
   * @returns {Refusal}
   */
  #judged(refusal) {
    if (refusal.code === "no_session") {
      const code = this.#proven ? "no_session" : "cookies_blocked";
      this.over(code);
      return new Refusal(code);
    }
    if (refusal.code === "session_changed" || refusal.code === "session_ended") this.over(refusal.code);
    else if (this.status === "starting" && !passing.has(refusal.code)) this.over(refusal.code);
    return refusal;
  }
}
