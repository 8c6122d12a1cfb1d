/** What all elements are: a host with a frame, a session to join, words for errors. */

import { receive } from "../frame/messages.js";
import { describe, everyField, following, groupOf, makeShadow, unwatch, watch } from "./host.js";
import { greet, makeFrame, Problem, unavailable } from "./page.js";
import { announce, currentProblem, join, LONGEST_PAUSE, lost, members } from "./session.js";

const forget = () => {};

export const typing = () => import("./typing.js").catch(unavailable);

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
  /** @type {T.Frame | undefined} */
  iframe;
  /** @type {T.Group | undefined} in whose frame it is */
  group;
  #scheduled = false;
  /** Had focus when it was wanted here. */
  #awaited = this.hasAttribute("autofocus") ? document.activeElement : undefined;
  #tries = 0;

  /** @param {string} kind of the frame's document */
  constructor(kind, isField = false, delegates = true) {
    super();
    this.kind = kind;
    const { box, hint, message } = makeShadow(this, isField, delegates);
    this.box = box;
    this.hint = hint;
    this.message = message;
    for (const type of ["click", "focus", "focusin", "blur", "focusout"]) {
      this.addEventListener(type, this);
    }
  }

  connectedCallback() {
    if (!this.group || this.group !== groupOf(this)) join(this);
  }

  disconnectedCallback() {
    // Who sorts rows puts each back at once.
    queueMicrotask(() => {
      if (this.isConnected) return;
      members.delete(this);
      this.close();
      this.group = undefined;
    });
  }

  /** `moveBefore` keeps the document. */
  connectedMoveCallback() {
    if (this.group !== groupOf(this)) this.reopen();
  }

  /** Once for all that a framework sets in a row. */
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
    this.reopen = () => this.open(identity, coordinator);
    announce(this, this.shown);
    const group = groupOf(this);
    this.group = group;
    if (group) {
      if (group.admit) return group.admit(this);
      return import("./group.js").then(
        () => group === this.group && group.admit(this),
        () => this.#wiped("unavailable"),
      );
    }
    const iframe = makeFrame(identity.application, this.kind);
    this.iframe = iframe;
    iframe.addEventListener("load", () =>
      this.port ? this.reopen() : this.#meet(iframe, identity.session, coordinator),
    );
    iframe.title = describe(this).label || this.localName;
    this.box.append(iframe);
  }

  reopen() {}
  close() {
    this.port?.close();
    this.iframe?.remove();
    this.port = this.iframe = undefined;
    unwatch(this);
    this.state("focus", false);
  }

  /** @param {Problem} problem */
  fail(problem) {
    this.problem = problem;
    this.message.textContent = problem.message;
    this.ariaInvalid = "true";
    this.state("error", true);
    this.report(problem);
  }

  /** In the frame's own words. @param {Problem} problem */
  report(problem) {
    const { code, message, docs } = problem;
    problem.warn();
    SecureElement.prototype.tell.call(this, "secure-error", { code, message, docs });
  }

  /** That the session is well again, only the session knows. */
  recovered(over = this.problem) {
    if (!over || over !== this.problem || over === currentProblem()) return;
    this.problem = undefined;
    this.message.textContent = "";
    this.ariaInvalid = null;
    this.state("error", false);
  }

  /** @param {FocusOptions} [options] */
  focus(options) {
    // Or a frame that has it hears nothing.
    if (this.shadowRoot?.activeElement && !this.matches(":state(focus)")) this.blur();
    this.iframe?.focus(options);
    this.#awaited = this.port ? undefined : document.activeElement;
  }

  blur() {
    this.iframe?.blur();
  }

  /** The tokens that the frame will ask for. */
  get shown() {
    return "";
  }
  hello() {
    return {};
  }
  options() {
    return {};
  }
  /** @param {T.Names} [names] */
  usable(names) {
    const { port } = this;
    port?.postMessage({ type: "options", ...this.options() });
    if (names && watch(this, following(this, names)) > 20) new Problem("ungrouped").warn();
    this.iframe?.classList.add("ready");
    if (this.shadowRoot?.activeElement || this.#awaited === document.activeElement) this.focus();
  }

  /** @type {T.State} */
  state(name, on) {
    this.internals.states[on ? "add" : "delete"](name);
  }

  /** @type {T.Tell} */
  tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { bubbles: true, composed: true, detail }));
  }

  /** @type {T.Meet} */
  async #meet(iframe, session, coordinator) {
    if (!(await coordinator.catch(() => false)) || iframe !== this.iframe) return;
    try {
      const port = await greet(iframe, { session, ...this.hello() });
      if (iframe === this.iframe) this.attend(port, iframe);
    } catch (error) {
      if (iframe !== this.iframe) return;
      this.fail(Problem.of(error));
      this.#retry(iframe);
    }
  }

  /** @param {T.Frame} [iframe] */
  #retry(iframe) {
    this.#tries += 1;
    const pause = Math.min(1_000 * 2 ** this.#tries, LONGEST_PAUSE);
    setTimeout(() => iframe === this.iframe && this.isConnected && join(this), pause);
  }

  /** @type {T.Attend} */
  attend(port, iframe) {
    this.port = port;
    this.iframe = iframe;
    receive(
      port,
      { ...everyField, ...this.shapes },
      {
        usable: (names) => this.usable(names),
        ready: () => this.#ready(),
        expired: () => this.tell("secure-expired"),
        error: ({ code }) => this.fail(new Problem(code)),
        problem: ({ code }) => this.report(new Problem(code)),
        wiped: ({ code }) => this.#wiped(code),
        focus: () => this.#focused(true),
        blur: () => this.#focused(false),
        escape: () => typing().then((module) => module.pressEscape(this), forget),
        ...this.handlers,
      },
    );
  }

  #ready() {
    this.#tries = 0;
    // What the page wrote stays wrong.
    if (!/_(?:malformed|unknown)$/.test(this.problem?.code ?? "")) this.recovered();
    this.tell("secure-ready");
  }

  /** @param {string} code */
  #wiped(code) {
    this.close();
    // Of the session's end the coordinator tells all.
    if (code !== "unavailable") return;
    lost(this);
    this.#retry();
  }

  /** Of a frame's focus browsers tell late, or not at all. @param {Event} event */
  handleEvent(event) {
    if (event.type === "click") this.shadowRoot?.activeElement || this.focus();
    else if (event.isTrusted) event.stopImmediatePropagation();
  }

  /** @param {boolean} on */
  #focused(on) {
    this.state("focus", on);
    if (on) {
      this.attributeChangedCallback(); // the page's words may have changed
      typing().catch(forget);
    }
    for (const type of on ? ["focus", "focusin"] : ["blur", "focusout"]) {
      this.dispatchEvent(new FocusEvent(type, { bubbles: type.length > 5, composed: true }));
    }
  }
}
