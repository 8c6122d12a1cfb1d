/** `<secure-group>`: one frame over the page, cut out around many fields; it tells nothing of them. */

import { reflect } from "./control.js";
import { SecureElement } from "./element.js";
import { following, sheetOf, watch } from "./host.js";
import { turnOff } from "./off.js";
import { hasFocus, isAwaited, isGone, makeHole, putOutside } from "./outside.js";
import { Problem } from "./page.js";
import { Places } from "./places.js";
import { Seat } from "./seat.js";
import { currentProblem } from "./session.js";
import { isStop, isTyped, orderOf } from "./stops.js";

const sheet = sheetOf(`
:host { display: block; position: relative; inline-size: auto }
div { position: absolute; inset: 0; display: block; pointer-events: none }
iframe { clip-path: inset(50%) }
`);
const shapes = { tab: { id: Number, back: Boolean }, gestures: {} };
const SETTLED = 100; // milliseconds until the page's order is looked at anew
const MUTATIONS = { attributes: true, characterData: true, childList: true, subtree: true };

export class SecureGroup extends SecureElement {
  static observedAttributes = ["title", "aria-label", "aria-labelledby"];

  /** @type {Map<SecureElement, Seat>} in the order of the document */
  #seats = new Map();
  /** @type {Map<number, Seat>} */
  #numbered = new Map();
  /** @type {object[]} */
  #outbox = [];
  /** @type {Places | undefined} */
  #places;
  #gestures = false;
  #isReordered = false;
  #settling = 0;
  #releasing = 0;
  #order = "";
  #slot = document.createElement("slot");
  #overlay = this.box;

  #mutations = new MutationObserver((records) => this.#changed(records));
  #sizes = new ResizeObserver(() => this.#places?.measure());
  #scrolled = () => this.#places?.touch();
  #moved = () => hasFocus(this.iframe) || this.#release();

  shapes = shapes;
  /** @type {T.Handlers<any>} */
  handlers = {
    tab: (/** @type {any} */ { id, back }) => this.#goOn(this.#numbered.get(id)?.field, back),
    gestures: () => (this.#gestures = true),
    focus: () => {}, // of a field, which hears of it by itself
    blur: () => {},
    escape: () => {},
  };

  constructor() {
    super("group", false, false);
    turnOff(this, "autofill");
    this.shadowRoot?.adoptedStyleSheets.push(sheet);
    this.shadowRoot?.prepend(this.#slot);
    this.box.append(makeHole());
    for (const type of ["scroll", "load", "toggle", "transitionend", "animationend"]) {
      this.addEventListener(type, this.#scrolled, true);
    }
  }

  handleEvent() {}

  /** @type {T.Member["open"]} */
  open(identity, coordinator) {
    this.box = this.hasAttribute("autofill") ? this : this.#overlay;
    super.open(identity, coordinator);
    return this.box === this && putOutside(this.iframe);
  }

  /** @param {SecureElement} field */
  admit(field) {
    this.#isReordered = true;
    this.#seats.get(field)?.remove();
    const seat = new Seat(field, this);
    this.#seats.set(field, seat);
    if (this.#places) this.#connect(seat);
    // A dialog that opens meanwhile looks for a stop.
    else if (isTyped(field)) seat.stand(0);
  }

  close() {
    super.close();
    this.#release();
    this.#places = undefined;
    this.#gestures = false;
    this.#mutations.disconnect();
    this.#sizes.disconnect();
    for (const seat of this.#seats.values()) seat.end();
    this.#order = "";
    this.#outbox = [];
  }

  /** @param {Problem} problem */
  fail(problem) {
    this.problem = problem;
    // Of the session all hear by themselves.
    if (problem === currentProblem()) return;
    for (const field of this.#seats.keys()) field.fail(problem);
  }

  recovered(over = this.problem) {
    if (over === this.problem) this.problem = undefined;
  }

  /** @param {FocusOptions} [options] */
  focus(options) {
    [...this.#seats.keys()].find((field) => isStop(field, this.#gestures))?.focus(options);
  }

  /** @type {T.Attend} */
  attend(port, iframe) {
    super.attend(port, iframe);
    const one = port.onmessage;
    port.onmessage = (event) => {
      if (!Array.isArray(event.data)) return one?.call(port, event);
      for (const [id, data] of event.data) this.#numbered.get(id)?.hear(data);
    };
  }

  /** @param {T.Names} names */
  usable(names) {
    const iframe = /** @type {HTMLIFrameElement} */ (this.iframe);
    // Its fields are stops of the page, each in its own place.
    iframe.tabIndex = -1;
    // A dialog that opens chooses the frame itself.
    iframe.onfocus = () => this.#slot.hasAttribute("tabindex") || this.send({ type: "begin" });
    iframe.classList.add("ready");
    this.#places = new Places(iframe, names, (message) => this.send(message));
    this.#isReordered = true;
    for (const [field, seat] of this.#seats) {
      field.close(); // where a frame was reloaded
      if (field.group === this) this.#connect(seat);
    }
    this.#mutations.observe(this, MUTATIONS);
    this.#sizes.observe(this);
    const follow = following(this, names);
    watch(this, () => {
      follow();
      this.#look();
    });
    if (!this.#slot.hasAttribute("tabindex") && isAwaited(this, iframe)) this.focus();
  }

  /** All of one turn go together. @param {object} message @param {Transferable[]} [ports] */
  send(message, ports) {
    if (this.#outbox.push(message) === 1) queueMicrotask(() => this.#post());
    if (ports) this.#post(ports);
  }

  /** @param {Transferable[]} ports for the last of the messages */
  #post(ports = []) {
    if (this.#outbox.length) this.port?.postMessage(this.#outbox, ports);
    this.#outbox = [];
  }

  /** @param {Seat} seat */
  #connect(seat) {
    this.#numbered.set(seat.id, seat);
    seat.begin();
    this.#sizes.observe(seat.field.box);
  }

  /** @param {Seat} seat */
  vacate(seat) {
    this.#numbered.delete(seat.id);
    this.send({ type: "drop", id: seat.id });
    this.#sizes.unobserve(seat.field.box);
  }

  /** @param {boolean} on */
  focused(on) {
    this.#places?.touch();
    if (on) return this.hold();
    // The frame may tell of it before the browser has looked for the next stop.
    this.#releasing = setTimeout(() => this.#release(), SETTLED);
    if (!hasFocus(this.iframe)) this.send({ type: "rest" });
  }

  /** Have no stops while focus is in the frame: who leaves it natively leaves the group. */
  hold() {
    clearTimeout(this.#releasing);
    this.#slot.tabIndex = -1;
    document.addEventListener("focusin", this.#moved);
  }

  #release() {
    clearTimeout(this.#releasing);
    this.#slot.removeAttribute("tabindex");
    document.removeEventListener("focusin", this.#moved);
  }

  /** @param {MutationRecord[]} records */
  #changed(records) {
    if (isGone(this.iframe)) return this.reopen();
    const isOther = records.some(({ type }) => type === "childList");
    const isAnimated = records.every(({ attributeName }) => attributeName === "style");
    this.#isReordered ||= isOther;
    // A style may be written in each frame of an animation; what it does to looks is seen in turns.
    this.#places?.touch(!isAnimated);
    this.#settling ||= isOther ? 0 : setTimeout(() => this.#settle(), SETTLED);
  }

  #settle() {
    this.#settling = 0;
    this.#isReordered = true;
    this.#places?.touch(true);
  }

  #look() {
    const places = this.#places;
    if (!places) return;
    if (this.#isReordered || places.isOther) this.#reorder(places);
    places.look();
  }

  /** @param {Places} places */
  #reorder(places) {
    this.#isReordered = places.isOther = false;
    for (const [field, seat] of this.#seats) {
      if (field.group !== this && this.#seats.delete(field)) seat.remove();
    }
    const order = orderOf(this, this.#seats, this.#gestures);
    const seats = order.fields.flatMap((field) => this.#seats.get(field) ?? []);
    this.#seats = new Map(seats.map((seat) => [seat.field, seat]));
    places.seats = seats;
    places.iframe.style.pointerEvents = order.isReached ? "auto" : "none";
    const ids = seats.map(({ id }) => String(id));
    if (ids.join() !== this.#order) this.send({ type: "order", ids });
    this.#order = ids.join();
    for (const seat of seats) seat.stand(order.edges.get(seat.field));
  }

  /** Tab, where something of the page's stands between two fields. @type {T.GoOn} */
  #goOn(field, back) {
    if (!field) return;
    const { stops } = orderOf(this, this.#seats, this.#gestures);
    const at = stops.indexOf(field);
    if (at >= 0) stops[at + (back ? -1 : 1)]?.focus();
  }
}

reflect(SecureGroup, "autofill", (value) => value !== null);
if (!customElements.get("secure-group")) customElements.define("secure-group", SecureGroup);
