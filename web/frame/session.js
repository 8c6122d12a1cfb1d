/**
 * The coordinator's view of the tokenizer's session: is it there, how long, and is it still the one
 * that this document was made for? Once it has ended, or is another one, it is over for good.
 */

import { CODE, codeOf, Refusal } from "./channel.js";

/** @import { Watcher } from "../types" */

const POLL = 5_000; // milliseconds; a log-out blanks a visible page within twice this
const TIMEOUT = 10_000; // milliseconds; the tokenizer answers or refuses within 2 seconds
const RENEWAL_PAUSE = 60_000; // milliseconds, at least, between two renewals
const LONGEST_PAUSE = 30_000; // milliseconds between two tries while the tokenizer is away

/** What passes by itself, and is worth another try. */
const passing = /^(?:unavailable|too_many_requests|sealed|internal)$/;

export class Session {
  status = "starting"; // then "live", then "over"
  code = "";
  #application;
  #reference;
  #watcher;
  /** The tokenizer knew the session at least once. */
  #proven = false;
  #bootstrapping = false;
  #tries = 0;
  #renewedAt = -RENEWAL_PAUSE;
  #renewal = 0;
  #expiry = 0;

  /** @param {string} application @param {string} reference @param {Watcher} watcher */
  constructor(application, reference, watcher) {
    this.#application = application;
    this.#reference = reference;
    this.#watcher = watcher;
    setInterval(() => this.#poll(), POLL);
    for (const event of ["visibilitychange", "pageshow"]) addEventListener(event, () => this.#poll());
    this.#start();
  }

  /**
   * Post on behalf of this session, and act on what the answer says of it.
   * @param {string} path @param {object} body
   */
  async post(path, body) {
    if (this.status === "over") throw new Refusal(this.code);
    try {
      const answer = await this.#fetch(path, { session: this.#reference, ...body });
      if (path !== "/session/ensure") this.#proven = true;
      return answer;
    } catch (error) {
      const code = codeOf(error);
      if (code === "no_session") this.#lost();
      else if (code.startsWith("session_") || (this.status === "starting" && !passing.test(code))) this.over(code);
      throw error;
    }
  }

  /**
   * The application vouched for this browser, so the cookie should be there now.
   * @param {string} [handle] in header sessions, where the page's script got it
   */
  async bootstrapped(handle) {
    if (!this.#bootstrapping) return;
    this.#bootstrapping = false;
    try {
      if (handle) await this.#fetch(`/session/create/${this.#application}`, { handle });
      if (this.status === "live") return await this.#ensure();
      this.status = "live";
      // A request that waits anyway is the proof, and saves one to a page that shows a value.
      await (this.#watcher.prove() ?? this.#ensure());
      if (!this.#isOver()) this.#watcher.live();
    } catch (error) {
      if (this.#proven || this.#isOver()) return;
      if (handle && !passing.test(codeOf(error))) this.over(codeOf(error));
      else this.#retry();
    }
  }

  /** @param {string} code */
  over(code) {
    if (this.#isOver()) return;
    this.status = "over";
    this.code = code;
    clearTimeout(this.#renewal);
    clearTimeout(this.#expiry);
    this.#watcher.over(code, this.#proven);
  }

  #isOver() {
    return this.status === "over";
  }

  /** There is no session: it ended, or its cookie did not come back from where it was just set. */
  #lost() {
    this.over(this.#proven ? "no_session" : "cookies_blocked");
  }

  async #start() {
    try {
      const { active, state } = await this.#ask(false);
      if (!active) return this.#bootstrap(state);
      this.status = "live";
      this.#watcher.live();
    } catch {
      if (!this.#isOver()) this.#retry();
    }
  }

  #retry() {
    this.status = "starting";
    this.#watcher.unavailable();
    setTimeout(() => this.#start(), Math.min(1000 * 2 ** this.#tries, LONGEST_PAUSE));
    this.#tries += 1;
  }

  /** @param {string} state */
  #bootstrap(state) {
    this.#bootstrapping = true;
    this.#watcher.bootstrap(state, this.status === "live");
  }

  /** @param {boolean} renew */
  async #ask(renew) {
    const answer = await this.post("/session/ensure", { renew });
    if (answer.active) this.#keep(answer);
    return answer;
  }

  async #ensure() {
    const { active } = await this.#ask(false);
    if (active) this.#watcher.alive();
    else this.#lost();
  }

  #poll() {
    if (this.status !== "live" || document.visibilityState !== "visible") return;
    // A tokenizer that can't be reached ends nothing; the session's own time does.
    this.#ensure().catch(() => this.#watcher.alive());
  }

  /** @param {{expires_in: number, renew_in: number}} answer in seconds */
  #keep({ expires_in, renew_in }) {
    this.#proven = true;
    this.#tries = 0;
    clearTimeout(this.#expiry);
    this.#expiry = setTimeout(() => this.over("no_session"), expires_in * 1000);
    const earliest = this.#renewedAt + RENEWAL_PAUSE - performance.now();
    this.#renewAfter(Math.max(renew_in * 1000, earliest));
  }

  /** @param {number} pause milliseconds */
  #renewAfter(pause) {
    clearTimeout(this.#renewal);
    this.#renewal = setTimeout(async () => {
      this.#renewedAt = performance.now();
      this.#renewAfter(RENEWAL_PAUSE); // unless it succeeds, which sets another time
      const { active, state } = await this.#ask(true).catch(() => ({ active: true, state: "" }));
      if (!active) this.#bootstrap(state);
    }, pause);
  }

  /** @param {string} path @param {object} body */
  async #fetch(path, body) {
    const response = await fetch(path, {
      method: "POST",
      cache: "no-store",
      redirect: "error",
      headers: { "Content-Type": "application/json", "LunaSec-Application": this.#application },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT),
    }).catch(() => undefined);
    const answer = await response?.json().catch(() => ({}));
    if (response?.ok) return answer;
    throw new Refusal(CODE.test(answer?.code ?? "") ? answer.code : "unavailable");
  }
}
