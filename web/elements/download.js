/** `<secure-download token="lunasec-…">`: a stored file goes to the person's disk, past the page. */

import { MAYBE_TOKEN } from "../frame/messages.js";
import { SecureElement } from "./element.js";
import { describe } from "./host.js";
import { messages, Problem } from "./page.js";

messages.not_a_file ??= "Not a file";

const sheet = new CSSStyleSheet();
sheet.replaceSync(`
:host { inline-size: 28em; max-inline-size: 100% }
div { min-block-size: 1.5em }
:host([as=button]) div { min-block-size: 2.5em }
`);

export class SecureDownload extends SecureElement {
  static observedAttributes = ["token", "as", "auto", "aria-label", "aria-labelledby", "title"];

  constructor() {
    super("download");
    this.shadowRoot?.adoptedStyleSheets.push(sheet);
  }

  get token() {
    return this.getAttribute("token") ?? "";
  }

  set token(value) {
    this.setAttribute("token", value);
  }

  attributeChangedCallback(name = "", before = "", after = before) {
    super.attributeChangedCallback();
    if (name === "token" && before !== after) this.refresh();
  }

  /** Ask again, after the application granted the token anew. */
  refresh() {
    if (this.port) this.#show();
  }

  get shown() {
    return MAYBE_TOKEN.test(this.token) ? this.token : "";
  }

  options() {
    const { label, lang } = describe(this);
    return {
      label,
      button: this.getAttribute("as") === "button",
      auto: this.hasAttribute("auto"),
      lang,
    };
  }

  /** @param {T.Names} names */
  usable(names) {
    super.usable(names);
    this.#show();
  }

  #show() {
    this.recovered();
    const sound = MAYBE_TOKEN.test(this.token);
    this.port?.postMessage({ type: "show", token: sound ? this.token : "" });
    if (!sound) this.fail(new Problem("token_malformed"));
  }
}

if (!customElements.get("secure-download"))
  customElements.define("secure-download", SecureDownload);
