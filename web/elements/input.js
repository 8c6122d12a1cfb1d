/**
 * `<secure-input name="…">`: a field whose value is typed into a frame of the tokenizer. Forms,
 * scripts and validation see a token, and of a typed value whether it is valid.
 */

import { CODE, MAYBE_TOKEN, TOKEN } from "../frame/channel.js";
import { Control } from "./control.js";
import { Problem } from "./page.js";
import { holdSubmits, submitImplicitly } from "./submission.js";

/** @import { Handlers } from "../types" */

const PATIENCE = 30_000; // milliseconds for sealing and storing one value
const shapes = {
  validity: { empty: Boolean, flags: 100, message: 500 },
  input: { autofilled: Boolean },
  change: {},
  enter: {},
  token: { id: 36, token: TOKEN },
  refused: { id: 36, code: CODE },
};

export class SecureInput extends Control {
  static observedAttributes = [
    "token", "type", "inputmode", "enterkeyhint", "autocomplete", "placeholder", "required", "readonly",
    "maxlength", "minlength", "validator", "title", "aria-label", "aria-labelledby", "aria-describedby",
  ];

  /** What the form gets; undefined for a typed value without a token. @type {string | undefined} */
  #token = "";
  /** The person or a script changed the value, so the `token` attribute no longer counts. */
  #dirty = false;
  #empty = true;
  /** @type {Map<string, PromiseWithResolvers<string>>} */
  #asked = new Map();

  shapes = shapes;
  /** @type {Handlers<typeof shapes>} */
  handlers = {
    validity: (found) => {
      this.#empty = found.empty;
      this.judged(found);
    },
    input: ({ autofilled }) => this.#input(autofilled),
    change: () => {
      this.touch();
      this.dispatchEvent(new Event("change", { bubbles: true }));
    },
    enter: () => submitImplicitly(this.form),
    token: ({ id, token }) => this.#asked.get(id)?.resolve(token),
    refused: ({ id, code }) => this.#asked.get(id)?.reject(new Problem(code)),
  };

  /** @override */
  connectedCallback() {
    holdSubmits(this.getRootNode());
    super.connectedCallback();
  }

  /** @override */
  attributeChangedCallback(name = "", before = "", after = before) {
    super.attributeChangedCallback();
    if (before === after) return;
    if (name === "token" && !this.#dirty) this.#prefill(after);
    // The frame takes a validator once, so another one needs another frame.
    if (name === "validator" && this.port) this.reopen();
    if (!this.port) this.judgedUntyped();
  }

  /** By the element's own attribute or by a fieldset's. */
  formDisabledCallback() {
    super.attributeChangedCallback();
  }

  formResetCallback() {
    this.#dirty = false;
    this.touch(false);
    this.#prefill(this.defaultValue);
  }

  /** @param {string} state a token that the form had when the page was left @param {string} reason */
  formStateRestoreCallback(state, reason) {
    if (reason === "restore" && TOKEN.test(state)) this.value = state;
  }

  /** @override */
  get value() {
    return this.#token ?? "";
  }

  set value(value) {
    this.#dirty = value !== this.defaultValue;
    this.#prefill(value);
  }

  /** There is a typed value that has no token yet. */
  get pending() {
    return this.#token === undefined;
  }

  /** Ask for the stored value again, after the application granted its token anew. */
  refresh() {
    if (this.port && this.value) this.#prefill(this.value);
  }

  /** Have what was typed sealed and stored. Rejects with a `Problem`, which the box shows. */
  async tokenize() {
    this.recovered();
    const id = crypto.randomUUID();
    const asked = /** @type {PromiseWithResolvers<string>} */ (Promise.withResolvers());
    this.#asked.set(id, asked);
    const timer = setTimeout(() => asked.reject(new Problem("unavailable")), this.port ? PATIENCE : 0);
    this.port?.postMessage({ type: "tokenize", id });
    try {
      this.#hold(await asked.promise);
    } catch (error) {
      this.fail(Problem.of(error));
      throw error;
    } finally {
      clearTimeout(timer);
      this.#asked.delete(id);
    }
  }

  /** @override */
  close() {
    super.close();
    for (const { reject } of this.#asked.values()) reject(new Problem("unavailable"));
    // What was typed went with the frame; what was stored is shown anew by the next.
    if (this.pending) this.formResetCallback();
  }

  /** @override */
  get shown() {
    return this.value;
  }

  /** @override */
  hello() {
    return { validator: this.getAttribute("validator") ?? "" };
  }

  /** @override */
  usable() {
    super.usable();
    this.#prefill(this.value);
  }

  /** @param {boolean} autofilled */
  #input(autofilled) {
    this.recovered();
    this.#dirty = true;
    this.state("autofill", autofilled);
    this.#hold(this.#empty ? "" : undefined);
    this.dispatchEvent(new Event("input", { bubbles: true, composed: true }));
  }

  /** @param {string | null} given a token, or nothing for an empty field */
  #prefill(given) {
    const sound = MAYBE_TOKEN.test(given ?? "");
    this.#hold(sound ? (given ?? "") : "");
    this.judgedUntyped();
    this.port?.postMessage({ type: "prefill", token: this.value });
    if (!sound) this.fail(new Problem("token_malformed"));
  }

  /** From now on the form gets a token, an empty text, or nothing at all. @param {string | undefined} value */
  #hold(value) {
    this.#token = value;
    this.internals.setFormValue(value ?? null);
  }
}
