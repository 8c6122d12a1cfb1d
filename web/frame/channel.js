/**
 * Messages. A receiver lists the types that it takes, and a check for each field. What lacks a field,
 * or has another one or too long a one, is dropped without an answer.
 */

/** @import { Check, Handlers, Settings, Shape, Shapes } from "../types" */

export const TOKEN = /^lunasec-[\w-]{49}$/;
export const MAYBE_TOKEN = /^(?:lunasec-[\w-]{49})?$/;
export const REFERENCE = /^[\w-]{43}$/;
export const CODE = /^[a-z_]{1,40}$/;

/** A failure whose message is one of the protocol's codes. */
export class Refusal extends Error {}

/** @param {unknown} error */
export const codeOf = (error) => (error instanceof Refusal ? error.message : "internal");

/** What the tokenizer wrote into its own document. @type {Settings} */
export const settings = JSON.parse(
  /** @type {any} */ (globalThis.document?.querySelector("[name=lunasec-frame]"))?.content ?? "{}",
);

/** @type {(value: any, check?: Check) => boolean} */
function passes(value, check) {
  if (check === Boolean) return typeof value === "boolean";
  if (check === Number) return value >= 0 && Number.isFinite(value);
  if (check === Object) return Object(value) === value && all(Object.values(value), 512, 100);
  if (Array.isArray(check)) return Array.isArray(value) && all(value, check[0], 10_000);
  if (typeof value !== "string") return false;
  return check instanceof RegExp ? value.length <= 512 && check.test(value) : value.length <= Number(check);
}

/** @type {(values: any[], check: Check, most: number) => boolean} */
const all = (values, check, most) => values.length <= most && values.every((each) => passes(each, check));

/**
 * Read one message, or give undefined.
 * @type {(data: any, shapes: Shapes) => {type: string, fields: any} | undefined}
 */
export function parse(data, shapes) {
  const { type, ...fields } = data ?? {};
  const shape = Object.hasOwn(shapes, type) ? shapes[type] : undefined;
  const names = Object.keys(fields);
  const sound = shape && names.length === Object.keys(shape).length &&
    names.every((name) => Object.hasOwn(shape, name) && passes(fields[name], shape[name]));
  return sound ? { type, fields } : undefined;
}

/**
 * Take the messages of a port, each to the handler of its type.
 * @template {Shapes} S
 * @param {MessagePort} port
 * @param {S} shapes
 * @param {Handlers<S>} handlers
 */
export function receive(port, shapes, handlers) {
  port.onmessage = ({ data }) => {
    const message = parse(data, shapes);
    if (message) handlers[message.type]?.(message.fields);
  };
}

/**
 * The one moment at which a window message counts: a page that may embed this document says hello
 * and gets a port. Then only the port counts, and the document is pinned to the session reference of
 * that hello for the whole of its life.
 * @type {(shape: Shape, accepted: (hello: any, page: MessagePort) => void) => void}
 */
export function awaitHello(shape, accepted) {
  addEventListener("message", function listen({ source, origin, data }) {
    // By the parent alone, and by its own origin: not by an opener or another frame of the page.
    if (source !== parent || parent === window || !settings.origins.includes(origin)) return;
    const message = parse(data, { hello: shape });
    if (!message) return;
    removeEventListener("message", listen);
    const { port1, port2 } = new MessageChannel();
    parent.postMessage({ type: "welcome" }, origin, [port2]);
    accepted(message.fields, port1);
  });
}
