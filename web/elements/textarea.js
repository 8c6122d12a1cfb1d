/** `<secure-textarea>`: lines of text, else a `<secure-input>`; loaded where a page has one. */

import { reflect } from "./control.js";
import { SecureInput } from "./input.js";
import { turnOff } from "./off.js";

const style = `
:host { overflow: hidden; resize: both; vertical-align: text-bottom }
div { align-items: start }
`;

export class SecureTextarea extends SecureInput {
  static observedAttributes = [
    ...SecureInput.observedAttributes.filter((name) => name !== "type"),
    ..."rows cols wrap auto-grow max-rows".split(" "),
  ];

  #sheet = new CSSStyleSheet();
  /** Of what was typed last; nothing is told of a stored value. */
  #lines = 0;

  constructor() {
    super("textarea");
    turnOff(this, "required", "disabled");
    this.shapes = { ...this.shapes, lines: { lines: Number } };
    this.handlers = { ...this.handlers, lines: this.#grow.bind(this) };
    this.shadowRoot?.adoptedStyleSheets.push(this.#sheet);
    this.#size();
  }

  attributeChangedCallback(name = "", before = "", after = before) {
    super.attributeChangedCallback(name, before, after);
    this.#size();
  }

  /** @param {boolean} empty */
  judgedUntyped(empty) {
    super.judgedUntyped(empty);
    this.#grow({ lines: 0 });
  }

  options() {
    const { as: _, ...options } = super.options();
    return {
      ...options,
      wrap: this.getAttribute("wrap")?.toLowerCase() === "off" ? "off" : "soft",
      grow: this.#grows,
    };
  }

  get type() {
    return "textarea";
  }

  /** Vue writes what is off as well, where a name has a dash. */
  get #grows() {
    return (this.getAttribute("auto-grow") ?? "false") !== "false";
  }

  /** @param {{lines: number}} told */
  #grow({ lines }) {
    this.#lines = lines;
    this.#size();
  }

  /** Any rule of the page is stronger. */
  #size() {
    const { rows, cols, maxRows } = /** @type {T.Sized} */ (/** @type {unknown} */ (this));
    const most = Math.max(rows, maxRows || Number.POSITIVE_INFINITY);
    const lines = this.#grows ? Math.min(Math.max(rows, this.#lines), most) : rows;
    this.#sheet.replaceSync(
      `${style} :host { inline-size: ${cols}ch } div::before { block-size: calc(${lines} * 1lh) }`,
    );
  }
}

/** As the HTML standard limits them. @param {number} otherwise */
const count = (otherwise) => (/** @type {string | null} */ value) =>
  /^[1-9]\d{0,5}$/.test(value ?? "") ? Number(value) : otherwise;

reflect(SecureTextarea, "rows", count(2));
reflect(SecureTextarea, "cols", count(20));
reflect(SecureTextarea, "wrap", (value) => value ?? "");
reflect(SecureTextarea, "autoGrow", (value) => (value ?? "false") !== "false", "auto-grow");
reflect(SecureTextarea, "maxRows", count(0), "max-rows");
if (!customElements.get("secure-textarea")) {
  customElements.define("secure-textarea", SecureTextarea);
}
