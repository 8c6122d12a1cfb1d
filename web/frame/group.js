/** The document of `<secure-group>`: many fields, each where the page has its place for it. */

import { applyStyle, settings } from "./channel.js";
import { kinds, look, serveField, takeLook } from "./field.js";
import { arrange, attendFocus, begin } from "./focus.js";
import { parse, REFERENCE } from "./messages.js";
import { makeReader } from "./reads.js";
import { Seat } from "./seat.js";
import "./input.js";
import "./text.js";

const MOST = 5_000; // fields
const LOOKS = 1_000;
const FAR = 1_000_000; // CSS pixels
const PLACE = 6; // numbers
const SOON = 1_000; // milliseconds
const SLICE = 8; // milliseconds of building; then others come to their turn

const style = `
.fields { position: absolute; inset: 0; overflow: clip; contain: strict }
.fields > div { position: absolute; display: flex; align-items: safe center; contain: strict }
.fields > [hidden] { display: none }
`;

/** @param {"div" | "form"} name */
function makeFields(name) {
  const made = document.createElement(name);
  made.className = "fields";
  if (made instanceof HTMLFormElement) made.autocomplete = "on";
  // Enter is for the page's own form.
  made.addEventListener("submit", (event) => event.preventDefault());
  return made;
}

const shapes = {
  add: { id: Number, role: /^(?:input|text|textarea)$/, hello: Object },
  drop: { id: Number },
  order: { ids: /** @type {[RegExp]} */ ([/^\d{1,9}$/]) },
  edges: { id: Number, edges: Number },
  dress: { at: Number, ...look },
  look,
  rest: {},
  begin: {},
};

serveField("group", { session: REFERENCE }, ({ session }, page, link, body) => {
  link.read = makeReader(link);
  /** @type {Map<number, Seat>} */
  const seats = new Map();
  /** @type {any[]} rules */
  const looks = [];
  /** @type {Map<number, Float32Array>} */
  let places = new Map();
  /** @type {Seat[]} */
  const waiting = [];
  /** @type {[number, object][]} */
  let said = [];
  let over = false;
  /** @type {Seat | "first" | undefined} where the caret is wanted, which may have no place yet */
  let awaited;

  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  document.adoptedStyleSheets = [sheet];
  let fields = makeFields("div");
  body.replaceChildren(fields);

  /** @type {(id: number, message: object, ports?: Transferable[]) => void} */
  const tell = (id, message, ports) => {
    if (said.push([id, message]) === 1) setTimeout(speak);
    if (ports) speak(ports);
  };
  /** @param {Transferable[]} ports */
  const speak = (ports = []) => {
    if (said.length) page.postMessage(said, ports);
    said = [];
  };

  const build = async () => {
    for (;;) {
      const until = performance.now() + SLICE;
      while (performance.now() < until) {
        const seat = waiting.shift();
        if (!seat || over) return;
        seat.build(kinds, session, link).then(land);
      }
      await new Promise((resolve) => setTimeout(resolve));
    }
  };
  /** @param {string} id */
  const rootOf = (id) => seats.get(Number(id))?.root;
  const place = () => {
    for (const [id, [, look = 0, ...where]] of places) seats.get(id)?.place(look, where);
    places = new Map();
    land();
  };
  /** Who asked may have gone on, and must not be called back: then the document has no focus. */
  const land = () => {
    if (!document.hasFocus()) return;
    if (awaited === "first") begin(fields);
    else if (awaited?.focus()) awaited = undefined;
  };

  /** @type {Record<string, (fields: any) => void>} */
  const handlers = {
    add({ id, role, hello }) {
      if (seats.size >= MOST || seats.has(id)) return;
      const seat = new Seat(id, role, hello, tell);
      seats.set(id, seat);
      // Browsers offer cards and addresses for the fields of one form; texts are slower in one.
      if (role !== "text" && fields.localName === "div") {
        const form = makeFields("form");
        form.append(...fields.children);
        fields.replaceWith(form);
        fields = form;
      }
      fields.append(seat.root);
      if (waiting.push(seat) === 1) build();
    },
    drop({ id }) {
      seats.get(id)?.leave();
      seats.delete(id);
    },
    order: ({ ids }) => arrange(fields, ids.map(rootOf).filter(Boolean)),
    edges({ id, edges }) {
      const seat = seats.get(id);
      if (seat) seat.edges = edges;
    },
    dress({ at, style, hint }) {
      if (!Number.isInteger(at) || at > looks.length || at >= LOOKS) return;
      const end = sheet.cssRules.length;
      if (at === looks.length) sheet.insertRule(`.look-${at} { & > span {} }`, end);
      const rule = looks[at] ?? /** @type {any} */ (sheet.cssRules[end]);
      looks[at] = rule;
      applyStyle(rule, style);
      applyStyle(rule, hint, "--hint-");
      // Not inherited, see frame.css.
      rule.cssRules[0].style.textOverflow = rule.style.textOverflow;
    },
    look: takeLook(body),
    begin() {
      awaited = "first";
      setTimeout(() => {
        if (awaited === "first") awaited = undefined;
      }, SOON);
      setTimeout(place);
    },
    rest: () => /** @type {HTMLElement | null} */ (document.activeElement)?.blur(),
  };

  /** @type {(data: any, reply?: MessagePort) => void} */
  const take = (data, reply) => {
    if (data?.type === "to") return takeFor(seats.get(data.id), data.message, reply);
    if (data?.type === "places") return takePlaces(data.places);
    const message = parse(data, shapes);
    if (message) handlers[message.type]?.(message.fields);
  };
  /** @type {(seat: Seat | undefined, data: any, reply?: MessagePort) => void} */
  const takeFor = (seat, data, reply) => {
    if (data?.type !== "focus") return seat?.take(data, reply);
    awaited = seat;
    land();
  };
  /** @param {unknown} told six numbers for each: id, look, left, top, width, height */
  const takePlaces = (told) => {
    if (!(told instanceof Float32Array) || told.length > MOST * PLACE) return;
    if (places.size === 0) setTimeout(place);
    for (let at = 0; at + PLACE <= told.length; at += PLACE) {
      const one = told.subarray(at, at + PLACE);
      const id = one[0] ?? 0;
      if (seats.has(id) && one.every((each) => Math.abs(each) <= FAR)) places.set(id, one);
    }
  };
  page.onmessage = ({ data, ports: [reply] }) => {
    const all = Array.isArray(data) ? data : [data];
    // The last of them is the one that came with a port.
    if (all.length > MOST * 4) return;
    for (const [at, each] of all.entries()) take(each, at + 1 < all.length ? undefined : reply);
  };
  attendFocus(seats, page, tell);
  if (settings.reveal === "click" || settings.remask_after) page.postMessage({ type: "gestures" });

  return {
    focus: place,
    wipe() {
      over = true;
      for (const seat of seats.values()) seat.leave();
      seats.clear();
    },
  };
});
