/**
 * Messages over ports: each receiver lists the types it takes, and the fields of each with a check.
 * What has another type, a missing or unknown field, or a field that is too long is dropped without
 * an answer, because an answer would tell a prober how far it came.
 */

/**
 * @typedef {(value: unknown) => boolean} Check
 * @typedef {Record<string, Check>} Shape
 */

/**
 * @template {Shape} S
 * @typedef {{[F in keyof S]: S[F] extends (value: unknown) => value is infer T ? T : never}} Fields
 */

/**
 * @template {Record<string, Shape>} S
 * @typedef {{[T in keyof S]: (message: Fields<S[T]>) => void}} Handlers
 */

/**
 * @param {number} limit in characters
 * @returns {(value: unknown) => value is string}
 */
export const text = (limit) => /** @type {(value: unknown) => value is string} */ (
  (value) => typeof value === "string" && value.length <= limit
);

/**
 * @param {RegExp} pattern has to match the whole value
 * @returns {(value: unknown) => value is string}
 */
export const matching = (pattern) => /** @type {(value: unknown) => value is string} */ (
  (value) => typeof value === "string" && value.length <= 1024 && pattern.test(value)
);

/** @type {(value: unknown) => value is boolean} */
export const flag = (value) => typeof value === "boolean";

/** @returns {value is number} @param {unknown} value */
export function count(value) {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** @returns {value is number} @param {unknown} value */
export function seconds(value) {
  return Number.isFinite(value) && Number(value) >= 0;
}

/**
 * @param {number} limit of entries
 * @param {number} length of each text
 * @returns {(value: unknown) => value is Record<string, string>}
 */
export const texts = (limit, length) =>
  /** @type {(value: unknown) => value is Record<string, string>} */ (
    (value) => {
      if (typeof value !== "object" || value === null) return false;
      const entries = Object.entries(value);
      return entries.length <= limit && entries.every(([key, each]) =>
        key.length <= 64 && typeof each === "string" && each.length <= length);
    }
  );

/**
 * @param {(value: unknown) => value is string} check
 * @param {number} limit
 * @returns {(value: unknown) => value is string[]}
 */
export const list = (check, limit) => /** @type {(value: unknown) => value is string[]} */ (
  (value) => Array.isArray(value) && value.length <= limit && value.every(check)
);

export const TOKEN = /^lunasec-[A-Za-z0-9_-]{49}$/;
export const REFERENCE = /^[A-Za-z0-9_-]{43}$/;
export const CODE = /^[a-z][a-z_]{0,40}$/;

export const token = matching(TOKEN);
/** @type {(value: unknown) => value is string} */
export const maybeToken = /** @type {(value: unknown) => value is string} */ (
  (value) => value === "" || token(value)
);
export const reference = matching(REFERENCE);
export const code = matching(CODE);

/**
 * Read one message, or give undefined.
 * @template {Record<string, Shape>} S
 * @param {unknown} data what came over the port
 * @param {S} shapes
 * @returns {{type: keyof S & string, fields: Record<string, unknown>} | undefined}
 */
export function parse(data, shapes) {
  if (typeof data !== "object" || data === null) return undefined;
  const { type, ...fields } = /** @type {Record<string, unknown>} */ (data);
  if (typeof type !== "string" || !Object.hasOwn(shapes, type)) return undefined;
  const shape = shapes[type] ?? {};
  const expected = Object.entries(shape);
  if (Object.keys(fields).length !== expected.length) return undefined;
  const sound = expected.every(([name, check]) => Object.hasOwn(fields, name) && check(fields[name]));
  return sound ? { type, fields } : undefined;
}

/**
 * Take the messages of a port, each to the handler of its type.
 * @template {Record<string, Shape>} S
 * @param {MessagePort} port
 * @param {S} shapes
 * @param {Handlers<S>} handlers
 */
export function receive(port, shapes, handlers) {
  port.onmessage = (event) => {
    const message = parse(event.data, shapes);
    if (message) handlers[message.type](/** @type {any} */ (message.fields));
  };
}
