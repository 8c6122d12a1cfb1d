/** `<secure-text token="lunasec-…">`: shows a stored value that nothing in the page can read. */

import { token } from "../frame/channel.js";
import { describe } from "./description.js";
import { SecureElement } from "./element.js";
import { Problem } from "./problem.js";
import { announce } from "./session.js";

export class SecureText extends SecureElement {
  static observedAttributes = ["token", "reveal", "remask", "aria-label", "aria-labelledby", "title"];

  constructor() {
    super("text");
  }

  /** The token that is shown. */
  get token() {
    return this.getAttribute("token") ?? "";
  }

  set token(value) {
    this.setAttribute("token", value);
  }

  /** @override @param {string} name @param {string | null} before @param {string | null} after */
  attributeChangedCallback(name = "", before = "", after = "") {
    super.attributeChangedCallback();
    if (name === "token" && before !== after) this.refresh();
  }

  /** Ask again, after the application granted the token anew. */
  refresh() {
    if (!this.port) return;
    if (this.prefetched) announce(this.prefetched);
    this.#show();
  }

  /** @override */
  get prefetched() {
    return this.#byGesture || !token(this.token) ? "" : this.token;
  }

  /** @override */
  options() {
    const remask = Math.floor(Number(this.getAttribute("remask")));
    return {
      label: describe(this, this.internals).label,
      reveal: this.#byGesture,
      remask: remask > 0 && remask < 86_400 ? remask : 0,
    };
  }

  /** @override */
  usable() {
    super.usable();
    this.#show();
  }

  get #byGesture() {
    return this.getAttribute("reveal") === "click";
  }

  #show() {
    this.recovered();
    const sound = this.token === "" || token(this.token);
    if (!sound) this.fail(new Problem("token_malformed"));
    this.port?.postMessage({ type: "show", token: sound ? this.token : "" });
  }
}
