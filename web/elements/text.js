/** `<secure-text token="lunasec-…">`: shows a stored value that nothing in the page can read. */

import { MAYBE_TOKEN } from "../frame/messages.js";
import { reflect } from "./control.js";
import { SecureElement } from "./element.js";
import { describe } from "./host.js";
import { Problem } from "./page.js";

export class SecureText extends SecureElement {
  static observedAttributes = "token reveal remask as copy aria-label aria-labelledby title".split(
    " ",
  );

  constructor(kind = "text") {
    super(kind);
  }

  get token() {
    return this.getAttribute("token") ?? "";
  }

  set token(value) {
    this.setAttribute("token", value ?? "");
  }

  attributeChangedCallback(name = "", before = "", after = before) {
    super.attributeChangedCallback();
    if (name === "token" && before !== after) this.refresh();
  }

  /** Ask again, after the application granted the token anew. */
  refresh() {
    if (!this.port) return;
    this.recovered();
    const sound = MAYBE_TOKEN.test(this.token);
    this.port.postMessage({ type: "show", token: sound ? this.token : "" });
    if (!sound) this.fail(new Problem("token_malformed"));
  }

  get shown() {
    return this.options().reveal ? "" : this.token;
  }

  options() {
    const { label, lang } = describe(this);
    return {
      label,
      reveal: this.getAttribute("reveal") === "click",
      remask: Math.min(Math.max(Number(this.getAttribute("remask")) || 0, 0), 86_400), // seconds
      extra: {
        as: this.getAttribute("as") ?? "",
        copy: this.hasAttribute("copy") ? "copy" : "",
        lang,
      },
    };
  }

  /** @param {T.Names} names */
  usable(names) {
    super.usable(names);
    this.refresh();
  }
}

reflect(SecureText, "copy", (value) => value !== null);
