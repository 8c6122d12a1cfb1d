/** What both elements are: a host with a frame in its shadow, a session to join, words for errors. */

import { CODE, receive } from "../frame/channel.js";
import { describe, makeShadow, pressEscape, unwatch, watch } from "./host.js";
import { greet, makeFrame, Problem } from "./page.js";
import { announce, currentProblem, join, leave, lost } from "./session.js";

/** @import * as T from "../types" */

const LONGEST_PAUSE = 60_000; // milliseconds between two tries
const everyField = {
  usable: {},
  ready: {},
  expired: {},
  error: { code: CODE },
  wiped: { code: CODE },
  focus: {},
  blur: {},
  escape: {},
};

/** @abstract */
export class SecureElement extends HTMLElement {
  static formAssociated = true;

  internals = this.attachInternals();
  /** @type {MessagePort | undefined} */
  port;
  /** @type {Problem | undefined} */
  problem;
  /** @type {T.Shapes} of what this kind of frame says besides */
  shapes = {};
  /** @type {T.Handlers<any>} */
  handlers = {};
  #shadow;
  #role;
  /** @type {HTMLIFrameElement | undefined} */
  #iframe;
  #scheduled = false;
  #focusTold = false;
  #focusWanted = this.hasAttribute("autofocus");
  #tries = 0;

  /** @param {"input" | "text"} role */
  constructor(role) {
    super();
    this.#role = role;
    this.#shadow = makeShadow(this, role === "input");
    this.addEventListener("click", () => this.focus());
    for (const type of ["focus", "blur"]) {
      this.addEventListener(type, (event) => this.#toldOnce(event), true);
    }
  }

  connectedCallback() {
    join(this);
  }

  disconnectedCallback() {
    leave(this);
    this.close();
  }

  connectedMoveCallback() {} // `moveBefore` keeps the document

  /** Once for all attributes that a framework sets in a row. */
  attributeChangedCallback() {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.port?.postMessage({ type: "options", ...this.options() });
    });
  }

  /** @type {T.Member["open"]} */
  open(identity, coordinator) {
    this.close();
    this.recovered();
    const iframe = makeFrame(identity.application, this.#role);
    this.#iframe = iframe;
    this.reopen = () => this.open(identity, coordinator);
    // Again after a reload by hand.
    iframe.addEventListener("load", () => this.#meet(iframe, identity.session, coordinator));
    iframe.title = describe(this, this.internals).label || this.localName;
    this.#shadow.box.append(iframe);
    announce(this.shown);
  }

  reopen() {}

  close() {
    this.port?.close();
    this.#iframe?.remove();
    this.port = this.#iframe = undefined;
    unwatch(this);
    this.state("focus", false);
  }

  /** @param {Problem} problem */
  fail(problem) {
    const { code, message, docs } = problem;
    this.problem = problem;
    this.#shadow.message.textContent = message;
    this.ariaInvalid = "true";
    this.state("error", true);
    problem.warn();
    this.tell("secure-error", { code, message, docs });
  }

  /** What was wrong is over; what is wrong with the session, only the session knows to be. */
  recovered(over = this.problem) {
    if (!over || over !== this.problem || over === currentProblem()) return;
    this.problem = undefined;
    this.#shadow.message.textContent = "";
    this.ariaInvalid = null;
    this.state("error", false);
  }

  /** @param {FocusOptions} [options] */
  focus(options) {
    this.#focusWanted = !this.port;
    this.#iframe?.focus(options);
    this.port?.postMessage({ type: "focus" });
  }

  blur() {
    this.#iframe?.blur();
  }

  get box() {
    return this.#shadow.box;
  }

  /** The token that the frame will ask for, or none. */
  get shown() {
    return "";
  }

  hello() {
    return {};
  }

  options() {
    return {};
  }

  usable() {
    const { port } = this;
    port?.postMessage({ type: "options", ...this.options() });
    watch(this, this.#shadow.hint, (look) => port?.postMessage({ type: "look", ...look }));
    this.#iframe?.classList.add("ready");
    if (this.#focusWanted && document.activeElement === document.body) this.focus();
  }

  /** @param {string} name for `:state()` @param {boolean} on */
  state(name, on) {
    try {
      this.internals.states[on ? "add" : "delete"](name);
    } catch {} // before 2024
  }

  /** @param {string} type @param {object} [detail] */
  tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { bubbles: true, composed: true, detail }));
  }

  /** @type {(iframe: HTMLIFrameElement, session: string, coordinator: Promise<unknown>) => void} */
  async #meet(iframe, session, coordinator) {
    if (!(await coordinator.catch(() => false)) || iframe !== this.#iframe) return;
    try {
      const port = await greet(iframe, { session, ...this.hello() });
      if (iframe === this.#iframe) this.#attend(port);
    } catch (error) {
      if (iframe !== this.#iframe) return;
      this.fail(Problem.of(error));
      this.#tries += 1;
      const pause = Math.min(1_000 * 2 ** this.#tries, LONGEST_PAUSE);
      setTimeout(() => iframe === this.#iframe && this.reopen(), pause);
    }
  }

  /** @param {MessagePort} port */
  #attend(port) {
    this.port = port;
    receive(
      port,
      { ...everyField, ...this.shapes },
      {
        usable: () => this.usable(),
        ready: () => this.#ready(),
        expired: () => this.tell("secure-expired"),
        error: ({ code }) => this.fail(new Problem(code)),
        wiped: ({ code }) => this.#wiped(code),
        focus: () => this.#focused(true),
        blur: () => this.#focused(false),
        escape: () => pressEscape(this),
        ...this.handlers,
      },
    );
  }

  #ready() {
    this.#tries = 0;
    // What is wrong in the page's own words stays wrong.
    if (!/_(?:malformed|unknown)$/.test(this.problem?.code ?? "")) this.recovered();
    this.tell("secure-ready");
  }

  /** @param {string} code */
  #wiped(code) {
    this.close();
    // Of the session's end all hear at once, from the coordinator.
    if (code === "unavailable") lost(this);
  }

  /** The browser tells of the frame's focus late or not at all. @param {Event} event */
  #toldOnce(event) {
    const on = event.type === "focus";
    if (this.#focusTold === on) event.stopImmediatePropagation();
    this.#focusTold = on;
  }

  /** @param {boolean} on */
  #focused(on) {
    this.state("focus", on);
    // The page's words for it may have changed.
    if (on) this.attributeChangedCallback();
    this.dispatchEvent(new FocusEvent(on ? "focus" : "blur", { composed: true }));
  }
}
