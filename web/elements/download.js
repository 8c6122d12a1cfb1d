/** `<secure-download token="lunasec-…">`: a stored file goes to the person's disk, past the page. */

import { reflect } from "./control.js";
import { describe } from "./host.js";
import { turnOff } from "./off.js";
import { messages } from "./page.js";
import { SecureText } from "./text.js";

messages.not_a_file ??= "Not a file";

const sheet = new CSSStyleSheet();
sheet.replaceSync(`
:host { inline-size: 28em; max-inline-size: 100% }
div { min-block-size: 1.5em }
:host([as=button]) div { min-block-size: 2.5em }
`);

export class SecureDownload extends SecureText {
  static observedAttributes = ["token", "as", "auto", "aria-label", "aria-labelledby", "title"];

  constructor() {
    super("download");
    turnOff(this, "auto");
    this.shadowRoot?.adoptedStyleSheets.push(sheet);
  }

  get shown() {
    return this.token;
  }

  /** Others than a text's. @returns {any} */
  options() {
    const { label, lang } = describe(this);
    return {
      label,
      button: this.getAttribute("as") === "button",
      auto: this.hasAttribute("auto"),
      lang,
    };
  }
}

reflect(SecureDownload, "auto", (value) => value !== null);
if (!customElements.get("secure-download"))
  customElements.define("secure-download", SecureDownload);
