/** All that page and frames can say to one another, by ports. Anything else is dropped. */

export const TOKEN = /^lunasec-[\w-]{49}$/;
export const MAYBE_TOKEN = /^(?:lunasec-[\w-]{49})?$/;
export const REFERENCE = /^[\w-]{43}$/;
export const CODE = /^[a-z_]{1,40}$/;
export const PASSING = /^(?:unavailable|too_many_requests|sealed|internal)$/;

export class Refusal extends Error {}

/** @param {unknown} error */
export const codeOf = (error) => (error instanceof Refusal ? error.message : "internal");

/** @type {T.Passes} */
function passes(value, check) {
  if (check === Boolean) return typeof value === "boolean";
  if (check === Number) return value >= 0 && Number.isFinite(value);
  if (check === Object) return Object(value) === value && all(Object.values(value), 512, 100);
  if (Array.isArray(check)) return Array.isArray(value) && all(value, check[0], 10_000);
  if (typeof value !== "string") return false;
  return check.test ? value.length <= 512 && check.test(value) : value.length <= check;
}

/** @type {T.All} */
const all = (values, check, most) =>
  values.length <= most && values.every((each) => passes(each, check));

/** @type {T.Parse} */
export function parse(data, shapes) {
  const { type, ...fields } = data ?? {};
  const shape = Object.hasOwn(shapes, type) ? shapes[type] : undefined;
  const names = Object.keys(fields);
  if (!shape || names.length !== Object.keys(shape).length) return undefined;
  const sound = (/** @type {string} */ name) =>
    Object.hasOwn(shape, name) && passes(fields[name], shape[name]);
  return names.every(sound) ? { type, fields } : undefined;
}

/** @type {T.Receive} */
export function receive(port, shapes, handlers) {
  port.onmessage = ({ data, ports: [reply] }) => {
    const message = parse(data, shapes);
    if (message) handlers[message.type]?.(message.fields, reply);
  };
}

/** @type {T.Ask} */
export const ask = (port, question, shape) =>
  new Promise((resolve, reject) => {
    const { port1, port2 } = new MessageChannel();
    receive(
      port1,
      { answer: shape, refused: { code: CODE } },
      { answer: resolve, refused: ({ code }) => reject(new Refusal(code)) },
    );
    port.postMessage(question, [port2]);
  });

/** @type {T.Answer} */
export const answer = (reply, promise) =>
  promise.then(
    (found) => reply?.postMessage({ type: "answer", ...found }),
    (error) => reply?.postMessage({ type: "refused", code: codeOf(error) }),
  );
