/**
 * What every field frame does, whatever it shows: wait for the page, link up with the coordinator,
 * take the page's look, tell of focus and Escape, and forget everything at the end.
 */

import { awaitHello, CODE, codeOf, receive, Refusal, settings, TOKEN } from "./channel.js";
import { open } from "./envelope.js";
import { applyStyle } from "./style.js";

/** @import { Field, Look, SealedValue, Shape, Viewer } from "../types" */

const SILENCE = 15_000; // milliseconds; three polls of the coordinator
const GLANCE = 2_500; // milliseconds between two looks at the clock

const fromCoordinator = {
  alive: {},
  end: { code: CODE },
  value: { id: 36, key: 64, ciphertext: 100_000, kind: 32, expires_in: Number },
  stored: { id: 36, token: TOKEN },
  refused: { id: 36, code: CODE },
};

/** Stands for any value alike, so that it tells nothing of one. */
export const MASK = "•".repeat(8);

export const look = { style: Object, hint: Object };

/**
 * Serve one field for the life of this document.
 * @type {(hello: Shape, build: (told: any, link: Link, page: MessagePort) => Field) => void}
 */
export function serveField(hello, build) {
  awaitHello(hello, (told, page) => {
    /** @type {Field | undefined} */
    let field;
    const forget = () => {
      field?.wipe();
      field = undefined;
      page.onmessage = null;
      document.body.replaceChildren();
    };
    /** @param {string} code */
    const end = (code) => {
      forget();
      page.postMessage({ type: "wiped", code });
    };
    const link = linkUp(told.session, end);
    if (!link) return end("unavailable");
    field = build(told, link, page);
    page.postMessage({ type: "usable" });
    addEventListener("pagehide", forget);
    addEventListener("focus", () => field?.focus());
    /** @type {(type: string) => () => void} */
    const tell = (type) => () => page.postMessage({ type });
    document.addEventListener("focusin", tell("focus"));
    document.addEventListener("focusout", tell("blur"));
    document.addEventListener("keydown", ({ key }) => key === "Escape" && tell("escape")());
    // The page would get what is dropped on it.
    document.addEventListener("dragstart", (event) => event.preventDefault());
  });
}

/** @param {Look} look */
export function takeLook({ style, hint }) {
  const root = document.documentElement;
  applyStyle(root, style);
  applyStyle(root, hint, "--hint-");
}

/** One stored value on its way into a frame: read, opened, and ended with its grant. */
export class Stored {
  #link;
  #viewer;
  #current = 0;
  #tries = 0;
  #timer = 0;

  /** @param {Link} link @param {Viewer} viewer */
  constructor(link, viewer) {
    this.#link = link;
    this.#viewer = viewer;
  }

  /** @param {string} token */
  async show(token) {
    this.forget();
    const current = this.#current;
    try {
      const { kind, expires_in, ...sealed } = await this.#link.read(token);
      const value = await open(sealed, { application: settings.application, kind });
      if (current !== this.#current) return;
      this.#tries = 0;
      this.#viewer.shown(value);
      this.#timer = setTimeout(() => this.#viewer.expired(), expires_in * 1000);
    } catch (error) {
      if (current !== this.#current) return;
      const code = codeOf(error);
      this.#viewer.failed(code);
      // A refusal is final; a tokenizer that is away is asked again, more and more seldom.
      this.#tries += 1;
      const pause = Math.min(1000 * 2 ** this.#tries, 60_000);
      if (!/^(?:not_granted|ciphertext_malformed)$/.test(code)) this.#timer = setTimeout(() => this.show(token), pause);
    }
  }

  /** Drop what is under way. */
  forget() {
    this.#current += 1;
    clearTimeout(this.#timer);
  }
}

/**
 * The link to the page's coordinator: values come and go here, and here a frame learns that the
 * session is over. If the coordinator falls silent, that is the end as well: a script may have
 * removed it so that a log-out would not be heard.
 */
class Link {
  /** @type {Map<string, PromiseWithResolvers<any>>} */
  #asked = new Map();
  #port;
  #heard = performance.now();

  /** @param {MessagePort} port @param {(code: string) => void} ended */
  constructor(port, ended) {
    this.#port = port;
    receive(port, fromCoordinator, {
      alive: () => this.#hear(),
      end: ({ code }) => ended(code),
      value: ({ id, ...sealed }) => this.#asked.get(id)?.resolve(sealed),
      stored: ({ id, token }) => this.#asked.get(id)?.resolve(token),
      refused: ({ id, code }) => this.#asked.get(id)?.reject(new Refusal(code)),
    });
    // In a hidden page the coordinator does not poll, and after a sleep it has its chance first.
    addEventListener("visibilitychange", () => this.#hear());
    let looked = performance.now();
    setInterval(() => {
      const now = performance.now();
      if (now - looked > SILENCE) this.#hear();
      looked = now;
      if (now - this.#heard > SILENCE && document.visibilityState === "visible") ended("unavailable");
    }, GLANCE);
  }

  /**
   * @param {string} token
   * @returns {Promise<SealedValue & {expires_in: number}>}
   */
  read(token) {
    return this.#ask({ type: "read", token });
  }

  /**
   * @param {SealedValue} sealed
   * @returns {Promise<string>} its token
   */
  store(sealed) {
    return this.#ask({ type: "store", ...sealed });
  }

  #hear() {
    this.#heard = performance.now();
  }

  /** @param {object} message */
  #ask(message) {
    const id = crypto.randomUUID();
    const asked = Promise.withResolvers();
    this.#asked.set(id, asked);
    this.#port.postMessage({ id, ...message });
    return asked.promise.finally(() => this.#asked.delete(id));
  }
}

/**
 * Link to the coordinator of this page and session. Undefined where there is none.
 * @param {string} session the reference that this frame is pinned to
 * @param {(code: string) => void} ended
 */
function linkUp(session, ended) {
  const frames = Array.from({ length: parent.length }, (_, at) => /** @type {Window} */ (parent[at]));
  const found = frames.find((each) => isOurs(each, session));
  if (!found) return undefined;
  const { port1, port2 } = new MessageChannel();
  found.postMessage({ type: "attach", session }, location.origin, [port2]);
  return new Link(port1, ended);
}

/**
 * Only a document of this very origin can be touched, so no page can make one that looks like it.
 * @type {(candidate: Window, session: string) => boolean}
 */
function isOurs(candidate, session) {
  try {
    const { location: at, document: found } = candidate;
    return at.origin === location.origin && at.pathname === `/frame/${settings.application}/coordinator` &&
      found.documentElement.dataset.session === session;
  } catch {
    return false;
  }
}
