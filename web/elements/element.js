/** What both elements are: a host with a frame in its shadow, a session to join, and words for errors. */

import { code, receive } from "../frame/channel.js";
import { unwatch, watch } from "./appearance.js";
import { describe } from "./description.js";
import { escape } from "./escape.js";
import { greet, makeFrame } from "./frame.js";
import { Problem, warn } from "./problem.js";
import { announce, join, leave, lost } from "./session.js";
import { makeShadow } from "./shadow.js";

/** @import { Shape } from "../frame/channel.js" */
/** @import { Identity } from "./page.js" */

const everyField = {
  usable: {},
  ready: {},
  expired: {},
  error: { code },
  wiped: { code },
  focus: {},
  blur: {},
  escape: {},
};

const LONGEST_PAUSE = 60_000; // milliseconds between two tries to load one frame

/** @abstract */
export class SecureElement extends HTMLElement {
  static formAssociated = true;

  internals = this.attachInternals();
  /** @type {MessagePort | undefined} */
  port;
  /** @type {Problem | undefined} */
  problem;
  #shadow;
  #role;
  /** @type {(() => void) | undefined} */
  #open;
  /** @type {HTMLIFrameElement | undefined} */
  #iframe;
  #scheduled = false;
  #tries = 0;

  /** @param {"input" | "text"} role */
  constructor(role) {
    super();
    this.#role = role;
    this.#shadow = makeShadow(this, role === "input");
    this.addEventListener("click", () => this.focus());
  }

  connectedCallback() {
    join(this);
  }

  disconnectedCallback() {
    leave(this);
    this.close();
  }

  /** A move that keeps the frame's document (`moveBefore`) needs nothing. */
  connectedMoveCallback() {}

  attributeChangedCallback() {
    if (this.#scheduled) return;
    this.#scheduled = true;
    // Frameworks set several attributes in a row.
    queueMicrotask(() => {
      this.#scheduled = false;
      this.port?.postMessage({ type: "options", ...this.options() });
    });
  }

  /**
   * The session is known: make the frame while the coordinator asks for it.
   * @param {Identity} identity
   * @param {Promise<MessagePort>} coordinator
   */
  open(identity, coordinator) {
    this.close();
    this.#open = () => this.open(identity, coordinator);
    const iframe = makeFrame(identity.application, this.#role === "input" ? "input" : "text");
    this.#iframe = iframe;
    // Again whenever the frame has a new document: moved, or reloaded by hand.
    iframe.addEventListener("load", () => this.#meet(iframe, identity, coordinator));
    iframe.title = describe(this, this.internals).label || this.localName;
    this.#shadow.box.append(iframe);
    if (this.prefetched) announce(this.prefetched);
  }

  /** Take a new frame, where there is one. */
  reopen() {
    if (this.#iframe) this.#open?.();
  }

  /** Where the browser's own messages point at. */
  get box() {
    return this.#shadow.box;
  }

  /** The frame is worth nothing any more. */
  close() {
    this.port?.close();
    this.port = undefined;
    this.#iframe?.remove();
    this.#iframe = undefined;
    unwatch(this);
    this.state("focus", false);
    this.recovered();
  }

  /** @param {Problem} problem */
  fail(problem) {
    this.problem = problem;
    this.#shadow.message.textContent = problem.message;
    this.#iframe?.classList.add("covered");
    this.setAttribute("aria-invalid", "true");
    this.internals.ariaInvalid = "true";
    this.state("error", true);
    warn(problem);
    const { code, message, docs } = problem;
    this.tell("secure-error", { code, message, docs });
  }

  /** What was wrong is over. */
  recovered() {
    if (!this.problem) return;
    this.problem = undefined;
    this.#shadow.message.textContent = "";
    this.#iframe?.classList.remove("covered");
    this.removeAttribute("aria-invalid");
    this.internals.ariaInvalid = null;
    this.state("error", false);
  }

  /** @override @param {FocusOptions} [options] */
  focus(options) {
    if (this.matches(":disabled")) return;
    if (options?.preventScroll !== true) this.scrollIntoView?.({ block: "nearest", inline: "nearest" });
    this.#iframe?.focus({ preventScroll: true });
    this.port?.postMessage({ type: "focus" });
  }

  /** @override */
  blur() {
    this.#iframe?.blur();
  }

  get labels() {
    return this.internals.labels;
  }

  /** The token whose value the frame will ask for as soon as it is there. */
  get prefetched() {
    return "";
  }

  /** What the frame is told before anything else, once. */
  hello() {
    return {};
  }

  /** What the frame is told now and whenever an attribute changed. @returns {object} */
  options() {
    return {};
  }

  /** The frame can be spoken to. */
  usable() {
    this.port?.postMessage({ type: "options", ...this.options() });
    const { hint } = this.#shadow;
    watch({ host: this, hint, look: (look) => this.port?.postMessage({ type: "look", ...look }) });
    this.#iframe?.classList.add("ready");
  }

  /** More messages that this kind of frame sends. @returns {Record<string, Shape>} */
  get shapes() {
    return {};
  }

  /** @returns {Record<string, (message: any) => void>} */
  get handlers() {
    return {};
  }

  /**
   * Set or unset a custom state, for `:state(name)`.
   * @param {string} name
   * @param {boolean} on
   */
  state(name, on) {
    try {
      if (on) this.internals.states.add(name);
      else this.internals.states.delete(name);
    } catch {
      // Browsers of 2023 took only names with two dashes.
    }
  }

  /**
   * @param {string} type
   * @param {object} [detail]
   */
  tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { bubbles: true, composed: true, detail }));
  }

  /**
   * @param {HTMLIFrameElement} iframe
   * @param {Identity} identity
   * @param {Promise<MessagePort>} coordinator
   */
  async #meet(iframe, identity, coordinator) {
    // Where the coordinator can't be reached, the session says so to all.
    if (!(await coordinator.catch(() => undefined)) || iframe !== this.#iframe) return;
    try {
      const port = await greet(iframe, { session: identity.session, ...this.hello() });
      if (iframe === this.#iframe) this.#attend(port);
    } catch (error) {
      if (iframe !== this.#iframe) return;
      this.fail(Problem.of(error));
      const pause = Math.min(2_000 * 2 ** this.#tries, LONGEST_PAUSE);
      this.#tries += 1;
      setTimeout(() => iframe === this.#iframe && this.reopen(), pause);
    }
  }

  /** @param {MessagePort} port */
  #attend(port) {
    this.port = port;
    receive(port, { ...everyField, ...this.shapes }, {
      usable: () => this.usable(),
      ready: () => this.#ready(),
      expired: () => this.tell("secure-expired"),
      error: ({ code }) => this.fail(new Problem(code)),
      wiped: ({ code }) => this.wiped(code),
      focus: () => this.focused(true),
      blur: () => this.focused(false),
      escape: () => escape(this),
      ...this.handlers,
    });
  }

  #ready() {
    this.#tries = 0;
    this.recovered();
    this.tell("secure-ready");
  }

  /** The frame ended by itself. @param {string} code */
  wiped(code) {
    this.close();
    // Of the session's end the coordinator tells all elements at once.
    if (code === "unavailable") lost(this);
  }

  /** @param {boolean} on */
  focused(on) {
    this.state("focus", on);
    // What a screen reader says may have changed since.
    if (on) this.attributeChangedCallback();
    this.dispatchEvent(new FocusEvent(on ? "focus" : "blur", { composed: true }));
  }
}
