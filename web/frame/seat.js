/** A field's part of a group's document: a box for a page, and a port that is shared. */

import { parse } from "./messages.js";

const LATER = 100; // messages that wait until a field is built

export class Seat {
  root = document.createElement("div");
  /** Where something of the page's stands next to it, see `elements/stops.js`. */
  edges = 0;
  /** @type {((event: any) => void) | null} */
  onmessage = null;
  /** @type {T.Field | undefined} */
  #field;
  /** @type {[any, MessagePort | undefined][]} */
  #waiting = [];
  #isBuilt = false;
  #isOver = false;
  #look = -1;

  /** @param {number} id @param {string} role @param {object} hello @param {T.TellOf} tell */
  constructor(id, role, hello, tell) {
    this.id = id;
    this.role = role;
    this.hello = hello;
    this.tell = tell;
    this.root.hidden = true;
  }

  /** @param {object} message @param {Transferable[]} [ports] */
  postMessage(message, ports) {
    if (!this.#isOver) this.tell(this.id, message, ports);
  }

  /** @type {(kinds: T.Kinds, session: string, link: T.Link) => Promise<void>} */
  async build(kinds, session, link) {
    try {
      if (!kinds[this.role]) await import(`./${this.role}.js`);
      const kind = /** @type {T.Kinds[string]} */ (kinds[this.role]);
      const told = parse({ ...this.hello, type: "hello", session }, { hello: kind.hello });
      if (!told || this.#isOver) return;
      this.#field = await kind.build(told.fields, /** @type {any} */ (this), link, this.root);
      // Which are of the whole document.
      for (const each of this.root.querySelectorAll("[id]")) each.id += this.id;
      this.#isBuilt = true;
      if (this.#isOver) return this.leave();
      for (const [data, reply] of this.#waiting) this.take(data, reply);
      this.#waiting = [];
    } catch {
      // What it loads did not come.
      this.postMessage({ type: "wiped", code: "unavailable" });
    }
  }

  /** @param {any} data @param {MessagePort} [reply] */
  take(data, reply) {
    if (this.#isBuilt) this.#deliver(data, reply);
    else if (this.#waiting.length < LATER) this.#waiting.push([data, reply]);
  }

  /** @param {any} data @param {MessagePort} [reply] */
  #deliver(data, reply) {
    this.onmessage?.({ data, ports: reply ? [reply] : [] });
    if (data?.type !== "options") return;
    /** @type {any} */
    const input = this.root.querySelector("input, textarea");
    // A browser that fills in looks for a name as well.
    if (input) input.name = input.autocomplete.replace("off", "");
    // A screen reader, which meets values one after the other, for what each of them is.
    else if (data.label) this.root.role = "group";
    if (!input) this.root.ariaLabel = data.label ? String(data.label).slice(0, 500) : null;
  }

  /** @param {number} look @param {number[] | Float32Array} where in CSS pixels of the document */
  place(look, [left = 0, top = 0, width = 0, height = 0]) {
    const { root } = this;
    if (look !== this.#look) root.className = `look-${look}`;
    this.#look = look;
    // Nobody gets there by Tab, and nothing is found there.
    root.hidden = !width || !height;
    if (root.hidden) return;
    root.style.cssText = `left:${left}px;top:${top}px;width:${width}px;height:${height}px`;
  }

  /** Whether it could: what is nowhere yet takes no focus. */
  focus() {
    if (!this.root.hidden) this.#field?.focus();
    return !this.root.hidden && this.#isBuilt;
  }

  leave() {
    this.#isOver = true;
    this.onmessage = null;
    this.#field?.wipe();
    this.#field = undefined;
    this.root.remove();
  }
}
