/** All that a page can say: messages, a look, a validator's name. Anything else is dropped. */

/** @import * as T from "../types" */

export const TOKEN = /^lunasec-[\w-]{49}$/;
export const MAYBE_TOKEN = /^(?:lunasec-[\w-]{49})?$/;
export const REFERENCE = /^[\w-]{43}$/;
export const CODE = /^[a-z_]{1,40}$/;

export class Refusal extends Error {}

/** @param {unknown} error */
export const codeOf = (error) => (error instanceof Refusal ? error.message : "internal");

const meta = globalThis.document?.querySelector("[name=lunasec-frame]");
/** @type {T.Settings} */
export const settings = JSON.parse(meta?.getAttribute("content") ?? "{}");

/** @type {(value: any, check: any) => boolean} */
function passes(value, check) {
  if (check === Boolean) return typeof value === "boolean";
  if (check === Number) return value >= 0 && Number.isFinite(value);
  if (check === Object) return Object(value) === value && all(Object.values(value), 512, 100);
  if (Array.isArray(check)) return Array.isArray(value) && all(value, check[0], 10_000);
  if (typeof value !== "string") return false;
  return check.test ? value.length <= 512 && check.test(value) : value.length <= check;
}

/** @type {(values: any[], check: any, most: number) => boolean} */
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

/** @type {T.AwaitHello} */
export function awaitHello(shape, accepted) {
  addEventListener("message", function listen({ source, origin, data }) {
    if (source !== parent || parent === window || !settings.origins.includes(origin)) return;
    const message = parse(data, { hello: shape });
    if (!message) return;
    removeEventListener("message", listen);
    const { port1, port2 } = new MessageChannel();
    parent.postMessage({ type: "welcome" }, origin, [port2]);
    accepted(message.fields, port1);
  });
}

// A style is of words, numbers, lengths, colors and font names: none can name a resource (`url()`)
// or a variable. Parts have one separator each, so a run of digits is read in one way.
const NUMBER = String.raw`-?\d{1,5}(?:\.\d+)?(?:e-\d+)?`;
const LENGTH = `${NUMBER}(?:px|em|%)?`;
const WORDS = "-?[a-z]+(?:[ -][a-z]+){0,12}";
const SPACE = String.raw`(?:rgba?|hsla?|hwb|(?:ok)?l(?:ab|ch))\(|color\([a-z\d]+(?:-[a-z\d]+)* `;
const COLOR = String.raw`(?:[a-z]{3,30}|#[\da-f]{3,8}|(?:${SPACE})${NUMBER}%?(?:(?:, ?| / | )${NUMBER}%?){2,3}\))`;
const LETTER = "a-z_\u00a1-\u1fff\u2c00-\uffef";
const FAMILY = `(?:"[${LETTER}\\d .+-]{1,64}"|-?[${LETTER}][${LETTER}\\d-]*(?: [${LETTER}\\d-]+)*)`;
const TAG = `"[a-z\\d]{4}"(?: ${NUMBER}| on| off)?`;

/** @param {string} one */
const list = (one) => new RegExp(`^${one}(?:, ?${one})*$`, "i");
const words = list(WORDS);

const grammar = new Map(
  /** @type {[RegExp, string][]} */ ([
    [list(COLOR), "color caret-color"],
    [
      list(LENGTH),
      "font-size font-stretch font-weight letter-spacing line-height text-indent word-spacing",
    ],
    [
      words,
      "color-scheme cursor direction font-kerning font-style font-variant-caps " +
        "font-variant-numeric overflow-wrap text-align text-decoration-line text-overflow " +
        "text-transform white-space word-break -webkit-font-smoothing",
    ],
    [list(FAMILY), "font-family"],
    [list(TAG), "font-feature-settings font-variation-settings"],
    [list(`${COLOR}(?: ${LENGTH}){3}`), "text-shadow"],
  ]).flatMap(([values, names]) => names.split(" ").map((name) => [name, values])),
);

export const properties = [...grammar.keys()];
export const hinted = "color font-style font-weight letter-spacing text-transform".split(" ");

/** @type {(name: string, value: string) => boolean} */
export const isAllowed = (name, value) =>
  value.length <= 512 &&
  grammar.has(name) &&
  (words.test(value) || !!grammar.get(name)?.test(value));

/** @type {T.ApplyStyle} */
export function applyStyle(element, style, prefix = "") {
  for (const name of prefix ? hinted : properties) {
    const value = style[name] ?? "";
    element.style.setProperty(prefix + name, isAllowed(name, value) ? value : "");
  }
}

/** @param {string} value */
const bare = (value) => value.replaceAll(/[ .()-]/g, "");

/** ISO/IEC 7812-1, annex B. @param {string} digits */
function hasLuhnSum(digits) {
  const weighed = [...digits].reverse().map((digit, at) => Number(digit) * (at % 2 ? 2 : 1));
  return weighed.reduce((sum, each) => sum + (each > 9 ? each - 9 : each), 0) % 10 === 0;
}

/** @type {Record<string, T.Validator>} */
const builtIn = {
  ssn: {
    // 000, 666, 900 to 999, 00 and 0000 are never given out.
    accepts: (value) => /^(?!000|666|9)\d{3}([- ]?)(?!00)\d{2}\1(?!0000)\d{4}$/.test(value),
    message: "Enter a Social Security number, like 078-05-1120.",
    inputmode: "numeric",
  },
  ein: {
    accepts: (value) => /^(?!0[0789]|[127][89]|49|69|70|89|9[67])\d{2}-?\d{7}$/.test(value),
    message: "Enter an employer identification number, like 12-3456789.",
    inputmode: "numeric",
  },
  card: {
    accepts: (value) => /^\d{12,19}$/.test(bare(value)) && hasLuhnSum(bare(value)),
    message: "Enter a card number. One of its digits may be wrong.",
    inputmode: "numeric",
  },
  email: {
    accepts: (value) =>
      /^[\w.!#$%&'*+/=?^`{|}~-]{1,64}@(?:[a-z\d][a-z\d-]{0,62}\.){1,8}[a-z]{2,63}$/i.test(value),
    message: "Enter an email address, like name@example.com.",
    inputmode: "email",
  },
  phone: {
    // ITU-T E.164: at most 15 digits.
    accepts: (value) => /^\+?[\d .()-]+$/.test(value) && /^\+?\d{7,15}$/.test(bare(value)),
    message: "Enter a phone number, like +1 202 555 0143.",
    inputmode: "tel",
  },
};

/** @type {T.ValidatorNamed} */
export function validatorNamed(name, { validators } = settings) {
  const declared = Object.hasOwn(validators, name) ? validators[name] : undefined;
  if (!declared) return Object.hasOwn(builtIn, name) ? builtIn[name] : undefined;
  const whole = new RegExp(`^(?:${declared.pattern})$`, "u");
  return { accepts: (value) => whole.test(value), message: declared.message };
}
