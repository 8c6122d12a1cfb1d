/**
 * `<secure-input name="…">`: a field whose value is typed into a frame of the tokenizer. Forms,
 * scripts and validation see a token, and of a typed value whether it is valid.
 */

import { code, flag, text, token } from "../frame/channel.js";
import { Control } from "./control.js";
import { inputOptions } from "./options.js";
import { Problem } from "./problem.js";
import { announce } from "./session.js";
import { holdSubmits, submitImplicitly } from "./submission.js";
import { Validation } from "./validation.js";

const PATIENCE = 30_000; // milliseconds for sealing and storing one value
const shapes = {
  validity: { empty: flag, flags: text(100), message: text(500) },
  input: { autofilled: flag },
  change: {},
  enter: {},
  token: { id: text(36), token },
  refused: { id: text(36), code },
};

/** @typedef {{resolve: (token: string) => void, reject: (problem: Problem) => void}} Waiting */

export class SecureInput extends Control {
  static observedAttributes = [
    "token", "type", "inputmode", "enterkeyhint", "autocomplete", "placeholder", "required", "readonly",
    "maxlength", "minlength", "validator", "title", "aria-label", "aria-labelledby", "aria-describedby",
  ];

  /** What the form gets; undefined for a typed value that is not sealed yet. @type {string | undefined} */
  #token = "";
  /** The person or a script changed the value, so the `token` attribute no longer counts. */
  #edited = false;
  #empty = true;
  #validation = new Validation(this, this.internals, this.box);
  /** @type {Map<string, Waiting>} */
  #waiting = new Map();

  constructor() {
    super("input");
  }

  /** @override */
  connectedCallback() {
    holdSubmits(this.getRootNode());
    super.connectedCallback();
  }

  /** @override */
  attributeChangedCallback(name = "", before = /** @type {string | null} */ (""), after = before) {
    super.attributeChangedCallback();
    if (before === after) return;
    if (name === "token" && !this.#edited) this.#prefill(after ?? "");
    // The frame takes a validator once, so another one needs another frame.
    if (name === "validator") this.reopen();
    if (!this.port) this.#validation.untyped(this.#token !== "");
  }

  /** By its own attribute or by a fieldset's. */
  formDisabledCallback() {
    super.attributeChangedCallback();
  }

  formResetCallback() {
    this.#edited = false;
    this.#validation.touch(false);
    this.#prefill(this.defaultValue);
  }

  /** @param {string} state a token that the form had when the page was left @param {string} reason */
  formStateRestoreCallback(state, reason) {
    if (reason === "restore" && token(state)) this.value = state;
  }

  /** The token of the value; "" while the field is empty, or typed and not sealed yet. */
  get value() {
    return this.#token ?? "";
  }

  set value(value) {
    this.#edited = value !== this.defaultValue;
    this.#prefill(value);
  }

  /** A value stands in the frame that has no token yet. */
  get pending() {
    return this.#token === undefined;
  }

  /** @param {string} message empty for none */
  setCustomValidity(message) {
    this.#validation.custom(message);
  }

  /** Ask for the stored value again, after the application granted its token anew. */
  refresh() {
    if (!this.prefetched || !this.port) return;
    announce(this.prefetched);
    this.#prefill(this.prefetched);
  }

  /** Have the frame seal and store what was typed. Rejects with a `Problem`, which the box shows. */
  async tokenize() {
    this.recovered();
    try {
      this.#hold(await this.#sealed());
    } catch (error) {
      const problem = Problem.of(error);
      this.fail(problem);
      throw problem;
    }
  }

  /** @override */
  close() {
    super.close();
    for (const { reject } of this.#waiting.values()) reject(new Problem("unavailable"));
    // What was typed went with the frame; what was stored is shown anew by the next.
    if (this.pending) this.formResetCallback();
  }

  /** @override */
  get prefetched() {
    return token(this.#token) ? this.value : "";
  }

  /** @override */
  hello() {
    return { validator: this.getAttribute("validator") ?? "" };
  }

  /** @override */
  options() {
    return inputOptions(this, this.internals, this.#validation.shown);
  }

  /** @override */
  usable() {
    super.usable();
    this.#prefill(this.value);
  }

  /** @override */
  get shapes() {
    return shapes;
  }

  /** @override @returns {import("../frame/channel.js").Handlers<typeof shapes>} */
  get handlers() {
    return {
      validity: (found) => {
        this.#empty = found.empty;
        this.#validation.typed(found);
      },
      input: ({ autofilled }) => this.#input(autofilled),
      change: () => {
        this.#validation.touch();
        this.dispatchEvent(new Event("change", { bubbles: true }));
      },
      enter: () => submitImplicitly(this.form),
      token: ({ id, token }) => this.#waiting.get(id)?.resolve(token),
      refused: ({ id, code }) => this.#waiting.get(id)?.reject(new Problem(code)),
    };
  }

  /** @param {boolean} autofilled */
  #input(autofilled) {
    this.recovered();
    this.#edited = true;
    this.state("autofill", autofilled);
    this.#hold(this.#empty ? "" : undefined);
    this.dispatchEvent(new Event("input", { bubbles: true, composed: true }));
  }

  /** @param {string} given a token, or "" for an empty field */
  #prefill(given) {
    const sound = given === "" || token(given);
    this.#hold(sound ? given : "");
    this.#validation.untyped(this.#token !== "");
    this.port?.postMessage({ type: "prefill", token: this.value });
    if (!sound) this.fail(new Problem("token_malformed"));
  }

  /** Submitted from now on: a token, an empty field, or nothing at all. @param {string | undefined} value */
  #hold(value) {
    this.#token = value;
    this.internals.setFormValue(value ?? null);
  }

  /** @returns {Promise<string>} */
  #sealed() {
    const id = crypto.randomUUID();
    return new Promise((resolve, reject) => {
      if (!this.port) throw new Problem("unavailable");
      this.#waiting.set(id, { resolve, reject });
      setTimeout(() => reject(new Problem("unavailable")), PATIENCE);
      this.port.postMessage({ type: "tokenize", id });
    }).finally(() => this.#waiting.delete(id));
  }
}
