/** `<secure-input>`: pages see a token, and whether a typed value is valid. */

import { MAYBE_TOKEN, TOKEN } from "../frame/messages.js";
import { Control, holdSubmits } from "./control.js";
import { typing } from "./element.js";
import { Problem } from "./page.js";

const shapes = {
  validity: { empty: Boolean, flags: 100, message: 500 },
  input: { autofilled: Boolean, edits: Number },
  change: {},
  enter: {},
};

export class SecureInput extends Control {
  static observedAttributes = (
    "token type inputmode enterkeyhint autocomplete placeholder required readonly maxlength " +
    "minlength validator mask tags title aria-label aria-labelledby aria-describedby"
  ).split(" ");

  /** What the form gets; undefined for a typed value without a token. @type {string | undefined} */
  #token = "";
  /** The `token` attribute no longer counts. */
  #dirty = false;
  #empty = true;
  #edits = 0;
  /** Of what was set, or reset. */
  #generation = 0;
  giveUp = () => {};
  #left = () => this.#dirty && this.touch();

  shapes = shapes;
  /** @type {T.Handlers<typeof shapes>} */
  handlers = {
    validity: (found) => {
      this.#empty = found.empty;
      this.judged(found);
    },
    input: ({ autofilled, edits }) => {
      this.recovered();
      this.#dirty = true;
      this.addEventListener("blur", this.#left, { once: true });
      this.state("autofill", autofilled);
      this.#edits = edits;
      this.#hold(this.#empty ? "" : undefined);
      this.dispatchEvent(new Event("input", { bubbles: true, composed: true }));
    },
    change: () => {
      this.touch();
      this.dispatchEvent(new Event("change", { bubbles: true }));
    },
    enter: () =>
      typing().then(
        (module) => module.submitImplicitly(this.internals.form),
        (problem) => this.fail(problem),
      ),
  };

  connectedCallback() {
    holdSubmits(this.getRootNode());
    super.connectedCallback();
  }

  attributeChangedCallback(name = "", before = "", after = before) {
    super.attributeChangedCallback();
    if (before === after) return;
    if (name === "token" && !this.#dirty) this.#prefill(after ?? "");
    // A frame takes a validator and a mask once.
    if (/^(?:validator|mask)$/.test(name) && this.port) this.reopen();
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

  /** @type {T.Restore} */
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
    this.#prefill(value ?? "");
  }

  get pending() {
    return this.#token === undefined;
  }

  /** Ask again, after the application granted the token anew. */
  refresh() {
    if (this.port && this.value) this.#prefill(this.value);
  }

  async tokenize() {
    const mine = this.#generation;
    const { tokenFor } = await typing();
    const made = await tokenFor(this, () => mine !== this.#generation);
    if (made?.edits === this.#edits) this.#hold(made.token);
  }

  close() {
    super.close();
    this.giveUp();
    if (!this.pending) return;
    this.formResetCallback();
    if (this.isConnected) this.report(new Problem("typing_lost"));
  }

  get shown() {
    return this.value;
  }

  hello() {
    const validator = this.getAttribute("validator") ?? "";
    return {
      validator: /^[a-z\d-]{0,32}$/.test(validator) ? validator : "-",
      mask: this.word("mask", /^[a-z]{0,10}$/, "unknown"),
    };
  }

  /** @returns {ReturnType<Control["options"]>} */
  options() {
    return { ...super.options(), as: this.type };
  }

  get type() {
    return this.word("type", /^(?:text|password|tel|email|url|search)$/, "text");
  }

  set type(value) {
    this.setAttribute("type", value);
  }

  /** @param {T.Names} names */
  usable(names) {
    super.usable(names);
    this.#prefill(this.value);
  }

  /** @param {string} given */
  #prefill(given) {
    this.#generation += 1;
    const sound = MAYBE_TOKEN.test(given);
    this.#hold(sound ? given : "");
    if (this.problem?.code === "token_malformed") this.recovered();
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
