/** Where a group's fields are and how they look: seen once a frame of the screen, told if it is new. */

import { Clips } from "./clips.js";
import { lookOf } from "./host.js";

/** @import { Seat } from "./seat.js" */
const SLICE = 25; // fields that are looked at though nothing told of a change
const LOOKS = 1_000;
// In these, or in their attributes, most looks differ that differ at all.
const TELLING = "color font-size font-weight font-family text-align direction cursor".split(" ");
const SHOWN = { visibilityProperty: true };
const OPAQUE = { opacityProperty: true };
const NOWHERE = [0, 0, 0, 0];
const WIDTH = 3; // after the look, and the corner

/** @param {number} number */
const rounded = (number) => Math.round(number * 64) / 64;

export class Places {
  /** @type {Seat[]} in the order of the document */
  seats = [];
  /** A field came up or went, as with a dialog around the group: Tab has other stops. */
  isOther = false;
  #names;
  #send;
  /** @type {WeakMap<Seat, number[]>} look, and place */
  #told = new WeakMap();
  /** @type {Map<string, number>} */
  #looks = new Map();
  /** Once took for the look of others what was not. @type {WeakSet<Seat>} */
  #singular = new WeakSet();
  #clips = new Clips();
  #cut = "";
  #turn = 0;
  #isMoved = true;
  #isChanged = true;

  /** @param {HTMLIFrameElement} iframe @param {T.Names} names @param {(message: object) => void} send */
  constructor(iframe, names, send) {
    this.iframe = iframe;
    this.#names = names;
    this.#send = send;
  }

  /** Something moved; or elements are others than before. */
  touch(isChanged = false) {
    this.#isMoved = true;
    this.#isChanged ||= isChanged;
  }

  look() {
    const slice = this.seats.slice(this.#turn, this.#turn + SLICE);
    this.#turn = this.#turn + SLICE < this.seats.length ? this.#turn + SLICE : 0;
    if (this.#isChanged) this.#clips.forget();
    const others = slice.filter((seat) => this.#wears(seat) !== this.#told.get(seat)?.[0]);
    for (const seat of others) this.#singular.add(seat);
    if (this.#isChanged || others.length) this.measure(true);
    else if (this.#isMoved || this.#hasMoved(slice)) this.measure();
  }

  measure(areLooksNew = false) {
    const origin = this.#origin();
    /** @type {number[]} */
    const news = [];
    let cut = "";
    const alike = new Map();
    for (const seat of this.seats) {
      const told = this.#told.get(seat);
      const place = this.#placeOf(seat, origin);
      const look = areLooksNew || !told ? this.#resembles(seat, alike) : (told[0] ?? 0);
      if (!told || told[0] !== look || place.some((each, at) => each !== told[at + 1])) {
        this.isOther ||= !told?.[WIDTH] !== !place[WIDTH - 1];
        this.#told.set(seat, [look, ...place]);
        news.push(seat.id, look, ...place);
      }
      if (isSeen(seat)) cut += this.#clips.cut(seat.field, place, origin);
    }
    if (news.length) this.#send({ type: "places", places: Float32Array.from(news) });
    if (cut !== this.#cut) this.iframe.style.clipPath = cut ? `path("${cut}")` : "inset(50%)";
    this.#cut = cut;
    this.#isMoved = false;
    if (areLooksNew) this.#isChanged = false;
  }

  /** The frame's own corner, and what a transform or zoom around it makes of a pixel. */
  #origin() {
    const { x, y, width } = this.iframe.getBoundingClientRect();
    const scale = width / this.iframe.offsetWidth;
    // Its width is rounded.
    return { x, y, scale: Math.abs(scale - 1) > 0.01 ? scale : 1 };
  }

  /** @type {(seat: Seat, origin: T.Origin) => number[]} */
  #placeOf({ field }, { x, y, scale }) {
    const box = field.box.getBoundingClientRect();
    if (!box.width || !box.height || !field.checkVisibility(SHOWN)) return NOWHERE;
    const place = [box.x - x, box.y - y, box.width, box.height];
    return place.map((each) => rounded(each / scale));
  }

  /** @param {Seat[]} slice */
  #hasMoved(slice) {
    const origin = this.#origin();
    return [this.seats.at(-1), ...slice].some((seat) => {
      const told = seat && this.#told.get(seat);
      return seat && this.#placeOf(seat, origin).some((each, at) => each !== told?.[at + 1]);
    });
  }

  /** Of those that look alike one is read; each is looked at in its turn. @type {T.Resembles} */
  #resembles(seat, alike) {
    const { field } = seat;
    if (this.#singular.has(seat)) return this.#wears(seat);
    const computed = getComputedStyle(field);
    const telling = TELLING.map((name) => computed.getPropertyValue(name));
    const key = [field.localName, field.className, field.getAttribute("style"), ...telling].join();
    const known = alike.get(key);
    if (known !== undefined) return known;
    const found = this.#wears(seat);
    alike.set(key, found);
    return found;
  }

  /** The number of a seat's look, which the frame is told if it is new. @param {Seat} seat */
  #wears(seat) {
    const look = lookOf(seat.field, this.#names);
    const text = JSON.stringify(look);
    const known = this.#looks.get(text);
    if (known !== undefined) return known;
    // An animated one makes many; what still is in use is told anew.
    if (this.#looks.size === LOOKS) {
      this.#looks.clear();
      this.#told = new WeakMap();
      this.#isChanged = true;
    }
    const made = this.#looks.size;
    this.#looks.set(text, made);
    this.#send({ type: "dress", at: made, ...look });
    return made;
  }
}

/** What is wrong stands in the page, in the field's place. @param {Seat} seat */
const isSeen = ({ field }) =>
  (!field.problem || field.matches(":state(focus)")) && field.checkVisibility(OPAQUE);
