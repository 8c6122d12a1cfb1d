/** `<secure-input>`: forms and scripts see a token, and of a typed value whether it is valid. */

import { ask, codeOf, MAYBE_TOKEN, TOKEN } from "../frame/channel.js";
import { Control, holdSubmits, submitImplicitly } from "./control.js";
import { Problem } from "./page.js";

/** @import * as T from "../types" */

const PATIENCE = 30_000; // milliseconds
const shapes = {
  validity: { empty: Boolean, flags: 100, message: 500 },
  input: { autofilled: Boolean },
  change: {},
  enter: {},
};

export class SecureInput extends Control {
  static observedAttributes = (
    "token type inputmode enterkeyhint autocomplete placeholder required readonly maxlength " +
    "minlength validator title aria-label aria-labelledby aria-describedby"
  ).split(" ");

  /** What the form gets; undefined for a typed value without a token. @type {string | undefined} */
  #token = "";
  /** The `token` attribute no longer counts. */
  #dirty = false;
  #empty = true;
  #giveUp = () => {};

  shapes = shapes;
  /** @type {T.Handlers<typeof shapes>} */
  handlers = {
    validity: (found) => {
      this.#empty = found.empty;
      this.judged(found);
    },
    input: ({ autofilled }) => {
      this.recovered();
      this.#dirty = true;
      this.state("autofill", autofilled);
      this.#hold(this.#empty ? "" : undefined);
      this.dispatchEvent(new Event("input", { bubbles: true, composed: true }));
    },
    change: () => {
      this.touch();
      this.dispatchEvent(new Event("change", { bubbles: true }));
    },
    enter: () => submitImplicitly(this.internals.form),
  };

  connectedCallback() {
    holdSubmits(this.getRootNode());
    super.connectedCallback();
  }

  attributeChangedCallback(name = "", before = "", after = before) {
    super.attributeChangedCallback();
    if (before === after) return;
    if (name === "token" && !this.#dirty) this.#prefill(after ?? "");
    // A frame takes a validator once.
    if (name === "validator" && this.port) this.reopen();
    if (!this.port) this.judgedUntyped(!this.value);
  }

  formDisabledCallback() {
    super.attributeChangedCallback();
  }

  formResetCallback() {
    this.#dirty = false;
    this.touch(false);
    this.#prefill(this.#given);
  }

  /** @param {string} state the token when the page was left @param {string} reason */
  formStateRestoreCallback(state, reason) {
    if (reason === "restore" && TOKEN.test(state)) this.value = state;
  }

  get #given() {
    return this.getAttribute("token") ?? "";
  }

  get value() {
    return this.#token ?? "";
  }

  set value(value) {
    this.#dirty = value !== this.#given;
    this.#prefill(value);
  }

  get pending() {
    return this.#token === undefined;
  }

  /** Ask again, after the application granted the token anew. */
  refresh() {
    if (this.port && this.value) this.#prefill(this.value);
  }

  async tokenize() {
    this.recovered();
    const { promise: never, reject } = Promise.withResolvers();
    this.#giveUp = () => reject(new Problem("unavailable"));
    const timer = setTimeout(this.#giveUp, this.port ? PATIENCE : 0);
    try {
      const made = this.port ? ask(this.port, { type: "tokenize" }, { token: TOKEN }) : never;
      this.#hold((await Promise.race([made, never])).token);
    } catch (error) {
      const problem = error instanceof Problem ? error : new Problem(codeOf(error));
      this.fail(problem);
      throw problem;
    } finally {
      clearTimeout(timer);
    }
  }

  close() {
    super.close();
    this.#giveUp();
    // What was typed went with the frame.
    if (this.pending) this.formResetCallback();
  }

  get shown() {
    return this.value;
  }

  hello() {
    const validator = this.getAttribute("validator") ?? "";
    return { validator: /^[a-z\d-]{0,32}$/.test(validator) ? validator : "-" };
  }

  usable() {
    super.usable();
    this.#prefill(this.value);
  }

  /** @param {string} given */
  #prefill(given) {
    const sound = MAYBE_TOKEN.test(given);
    this.#hold(sound ? given : "");
    this.judgedUntyped(!this.value);
    this.port?.postMessage({ type: "prefill", token: this.value });
    if (!sound) this.fail(new Problem("token_malformed"));
  }

  /** @param {string | undefined} value */
  #hold(value) {
    this.#token = value;
    this.internals.setFormValue(value ?? null);
  }
}
