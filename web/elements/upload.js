/** `<secure-upload>`: files go from the person's disk to the tokenizer; the form posts their tokens. */

import { ask, codeOf, TOKEN } from "../frame/messages.js";
import { Control, holdSubmits, reflect } from "./control.js";
import { describe } from "./host.js";
import { turnOff } from "./off.js";
import { messages, Problem } from "./page.js";

const HEAD = 2.25; // em, as the frame has it
const ROW = 2.75;

const words = {
  file_too_large: "The file is too large.",
  file_kind: "This kind of file is not accepted.",
  file_empty: "The file is empty.",
  file_changed: "The file changed while it was read. Choose it again.",
  file_gone: "The file is no longer there. Choose another one.",
  file_lost: "The upload was cut off. Choose the files again.",
  storage_full: "There is no room for the file. Try again later.",
};
for (const [code, message] of Object.entries(words)) messages[code] ??= message;

const TOKENS = /** @type {[RegExp]} */ ([TOKEN]);
const shapes = {
  state: {
    empty: Boolean,
    pending: Boolean,
    tokens: TOKENS,
    code: /^[a-z_]{0,40}$/,
    height: Number,
  },
  change: {},
  progress: { fraction: Number },
};

const sheet = new CSSStyleSheet();
sheet.replaceSync(`
:host { display: block; inline-size: auto; max-inline-size: 32em; padding: 0.5em; cursor: default;
  border: 1px dashed GrayText; border-radius: 0.5em; background: none; color: inherit; font: inherit }
:host(:disabled) { color: inherit }
:host(:state(focus)) { outline: none }
:host(:state(user-invalid)) { border-color: #d33 }
`);

export class SecureUpload extends Control {
  static observedAttributes =
    "token accept max-size multiple required name tags title aria-label aria-labelledby aria-describedby".split(
      " ",
    );

  /** @type {string[]} */
  #tokens = [];
  #pending = false;
  /** Files went with a session or a frame, and nobody has seen to it yet. */
  #lost = false;
  /** The `token` attribute no longer counts. */
  #dirty = false;
  /** Of what was set, or reset. */
  #generation = 0;
  #giveUp = () => {};

  shapes = shapes;
  /** @type {T.Handlers<typeof shapes>} */
  handlers = {
    state: ({ empty, pending, tokens, code, height }) => {
      this.#hold(tokens, pending);
      this.box.style.minBlockSize = `${height}em`;
      this.#judge(empty, code);
    },
    change: () => {
      this.#dirty = true;
      this.#lost = false;
      this.recovered();
      this.touch();
      for (const type of ["input", "change"]) {
        this.dispatchEvent(new Event(type, { bubbles: true, composed: type === "input" }));
      }
    },
    progress: ({ fraction }) => this.tell("secure-progress", { fraction }),
  };

  constructor() {
    super("upload");
    turnOff(this, "multiple", "required", "disabled");
    this.shadowRoot?.adoptedStyleSheets.push(sheet);
  }

  connectedCallback() {
    holdSubmits(this.getRootNode());
    super.connectedCallback();
  }

  attributeChangedCallback(name = "", before = "", after = before) {
    super.attributeChangedCallback();
    if (before === after) return;
    if (name === "token" && !this.#dirty) this.#prefill(after ?? "");
    if (name === "name") this.#hold(this.#tokens, this.#pending);
    if (!this.port) this.#judge(!this.#tokens.length, "");
  }

  formDisabledCallback() {
    super.attributeChangedCallback();
  }

  formResetCallback() {
    this.#dirty = this.#lost = false;
    this.touch(false);
    this.#prefill(this.#given);
  }

  /** @type {T.Restore} */
  formStateRestoreCallback(state, reason) {
    if (reason === "restore" && state) this.value = state;
  }

  get type() {
    return this.localName;
  }

  /** The tokens that there are, with a space between. */
  get value() {
    return this.#tokens.join(" ");
  }

  set value(given) {
    const value = given ?? "";
    this.#dirty = value !== this.#given;
    this.#lost = false;
    this.#prefill(value);
  }

  get #given() {
    return this.getAttribute("token") ?? "";
  }

  get tokens() {
    return [...this.#tokens];
  }

  /** There are files without a token yet. */
  get pending() {
    return this.#pending;
  }

  /** Ask again, after the application granted the tokens anew. */
  refresh() {
    if (this.port && !this.#pending) this.#prefill(this.value);
  }

  /** Wait for the uploads, however long they take, and have a token for each. */
  async tokenize() {
    const mine = this.#generation;
    const { promise: never, reject } = Promise.withResolvers();
    this.#giveUp = () => reject(new Problem("unavailable"));
    if (!this.port) this.#giveUp();
    try {
      const made = this.port ? ask(this.port, { type: "tokenize" }, { tokens: TOKENS }) : never;
      const { tokens } = await Promise.race([made, never]);
      if (mine === this.#generation) this.#hold(tokens, false);
    } catch (error) {
      const problem = error instanceof Problem ? error : new Problem(codeOf(error));
      this.report(problem);
      throw problem;
    }
  }

  get shown() {
    return this.value;
  }

  close() {
    super.close();
    this.#giveUp();
    this.#lose();
  }

  options() {
    const { required, disabled, invalid, tags } = super.options();
    return {
      ...describe(this),
      accept: (this.getAttribute("accept") ?? "").slice(0, 1000),
      largest: (this.getAttribute("max-size") ?? "").slice(0, 40),
      lost: this.#lost,
      tags,
      multiple: this.hasAttribute("multiple"),
      required,
      disabled,
      invalid,
    };
  }

  /** @param {T.Names} names */
  usable(names) {
    this.#lose();
    super.usable(names);
    this.#prefill(this.#dirty ? this.value : this.#given);
  }

  /** What was chosen went with its frame; the form does not go without it, as if nobody had. */
  #lose() {
    if (!this.#pending) return;
    this.formResetCallback();
    this.#lost = true;
    this.#judge(!this.#tokens.length, "");
    this.touch();
    this.report(new Problem("file_lost"));
  }

  /** @type {(empty: boolean, found: string) => void} */
  #judge(empty, found) {
    const code = found || (this.#lost ? "file_lost" : "");
    const missing = empty && this.hasAttribute("required");
    const { message } = code ? new Problem(code) : { message: missing ? "Choose a file." : "" };
    this.judged({ flags: code ? "customError" : missing ? "valueMissing" : "", message });
  }

  /** @param {string} given */
  #prefill(given) {
    this.#generation += 1;
    const tokens = given.split(/\s+/).filter(Boolean);
    const sound = tokens.every((token) => TOKEN.test(token));
    this.#hold(sound ? tokens : [], false);
    this.box.style.minBlockSize = `${HEAD + ROW * this.#tokens.length}em`;
    this.#judge(!this.#tokens.length, "");
    this.port?.postMessage({ type: "prefill", tokens: this.#tokens });
    if (this.problem?.code === "token_malformed") this.recovered();
    if (!sound) this.fail(new Problem("token_malformed"));
  }

  /** @param {string[]} tokens @param {boolean} pending */
  #hold(tokens, pending) {
    this.#tokens = tokens;
    this.#pending = pending;
    const name = this.getAttribute("name");
    const posted = new FormData();
    for (const token of tokens) posted.append(name ?? "", token);
    const some = name && tokens.length && !pending;
    this.internals.setFormValue(some ? posted : null, this.value);
  }
}

reflect(SecureUpload, "multiple", (value) => value !== null);
reflect(SecureUpload, "accept", (value) => value ?? "");
if (!customElements.get("secure-upload")) customElements.define("secure-upload", SecureUpload);
