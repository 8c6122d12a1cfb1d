/**
 * A field frame's link to the coordinator of its page: values come and go here, and by this link it
 * learns that the session is over. When the coordinator falls silent (a script removed it, so that
 * a log-out would not be heard), that is the end as well.
 */

import { code, receive, seconds, text, token } from "./channel.js";
import { Refusal } from "./tokenizer.js";

/** @import { Settings } from "./settings.js" */

const SILENCE = 15_000; // milliseconds; three polls of the coordinator
const GLANCE = 2_500; // milliseconds between two looks at the clock

/**
 * @typedef {{key: string, ciphertext: string, kind: string, expires_in: number}} Sealed
 * @typedef {{resolve: (answer: any) => void, reject: (refusal: Refusal) => void}} Pending
 */

const fromCoordinator = {
  alive: {},
  end: { code },
  value: { id: text(36), key: text(64), ciphertext: text(100_000), kind: text(32), expires_in: seconds },
  stored: { id: text(36), token },
  refused: { id: text(36), code, retry_after: seconds },
};

export class Link {
  /** @type {Map<string, Pending>} */
  #pending = new Map();
  #port;
  #heard = performance.now();

  /**
   * @param {MessagePort} port
   * @param {(code: string) => void} ended
   */
  constructor(port, ended) {
    this.#port = port;
    receive(port, fromCoordinator, {
      alive: () => this.#hear(),
      end: ({ code }) => ended(code),
      value: ({ id, ...sealed }) => this.#settle(id)?.resolve(sealed),
      stored: ({ id, token }) => this.#settle(id)?.resolve(token),
      refused: ({ id, code, retry_after }) => this.#settle(id)?.reject(new Refusal(code, retry_after)),
    });
    // Time in a hidden page does not count: there the coordinator does not ask either.
    addEventListener("visibilitychange", () => this.#hear());
    let looked = performance.now();
    setInterval(() => {
      const now = performance.now();
      // The machine slept, and the coordinator with it: it has its chance to speak first.
      if (now - looked > SILENCE) this.#hear();
      looked = now;
      const silent = now - this.#heard > SILENCE;
      if (silent && document.visibilityState === "visible") ended("unavailable");
    }, GLANCE);
  }

  /**
   * @param {string} token
   * @returns {Promise<Sealed>}
   */
  read(token) {
    return this.#request({ type: "read", token });
  }

  /**
   * @param {{key: string, ciphertext: string, kind: string}} sealed
   * @returns {Promise<string>} the token
   */
  store(sealed) {
    return this.#request({ type: "store", ...sealed });
  }

  #hear() {
    this.#heard = performance.now();
  }

  /** @param {object} message */
  #request(message) {
    const id = crypto.randomUUID();
    this.#port.postMessage({ id, ...message });
    return new Promise((resolve, reject) => this.#pending.set(id, { resolve, reject }));
  }

  /** @param {string} id */
  #settle(id) {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    return pending;
  }
}

/**
 * Find the coordinator of this page, and link to it. Undefined where there is none for this session.
 * @param {Settings} settings
 * @param {string} session the reference that this frame is pinned to
 * @param {(code: string) => void} ended
 */
export function linkToCoordinator({ application }, session, ended) {
  for (let index = 0; index < parent.frames.length; index += 1) {
    const candidate = /** @type {Window} */ (parent.frames[index]);
    if (!isCoordinator(candidate, application, session)) continue;
    const { port1, port2 } = new MessageChannel();
    candidate.postMessage({ type: "attach", application, session }, location.origin, [port2]);
    return new Link(port1, ended);
  }
  return undefined;
}

/**
 * Only a document of this very origin can be touched; a page can't make one that looks like it.
 * @param {Window} candidate
 * @param {string} application
 * @param {string} session
 */
function isCoordinator(candidate, application, session) {
  try {
    const { document: found, location: at } = candidate;
    return at.origin === location.origin &&
      at.pathname === `/frame/${application}/coordinator` &&
      found.documentElement.dataset.session === session;
  } catch {
    return false;
  }
}
