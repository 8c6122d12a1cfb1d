/** What every field frame does, until it forgets everything at the end. */

import { applyStyle, awaitHello, hinted, properties, settings } from "./channel.js";
import { ask, CODE, codeOf, PASSING, Refusal, receive } from "./messages.js";

const SILENCE = 7_500; // milliseconds; a poll of the coordinator's, and a slow answer
const LOOK = 1_000;
const STEP = 100; // milliseconds
const SEALED = { key: 64, ciphertext: 100_000, kind: 32, expires_in: Number };

/** The same for every value. */
export const MASK = "•".repeat(8);

export const look = { style: Object, hint: Object };

/** What each kind of field wants to be told, and how it is built. @type {T.Kinds} */
export const kinds = {};

/** @type {T.ServeField} */
export function serveField(role, hello, build) {
  kinds[role] = { hello, build };
  // A group's is built of many kinds.
  if (settings.role !== role) return;
  awaitHello(hello, async (told, page) => {
    /** @type {T.Field | undefined} */
    let field;
    let over = false;
    const forget = () => {
      over = true;
      field?.wipe();
      field = undefined;
      page.onmessage = null;
      document.body.replaceChildren();
    };
    /** @param {string} code */
    const end = (code) => {
      forget();
      page.postMessage({ type: "wiped", code });
    };
    const link = linkUp(told.session, end);
    if (!link) return end("unavailable");
    try {
      field = await build(told, page, link, document.body);
    } catch {
      return end("unavailable"); // what it loads did not come
    }
    if (over) return forget();
    page.postMessage({ type: "usable", properties, hinted });
    addEventListener("pagehide", forget);
    addEventListener("focus", () => field?.focus());
    addEventListener("focusin", () => page.postMessage({ type: "focus" }));
    addEventListener("focusout", () => page.postMessage({ type: "blur" }));
    addEventListener("keydown", ({ key }) => {
      if (key === "Escape") page.postMessage({ type: "escape" });
    });
    addEventListener("dragstart", (event) => event.preventDefault());
  });
}

/** @type {T.LinkUp} */
function linkUp(session, ended) {
  const path = `/frame/${settings.application}/coordinator`;
  const found = Array.from({ length: parent.length }, (_, at) => parent[at]).find((each) => {
    try {
      // Only a document of the same origin can be touched.
      const { location: at, document: touched } = /** @type {Window} */ (each);
      const { session: pinned } = touched.documentElement.dataset;
      return at.origin === location.origin && at.pathname === path && pinned === session;
    } catch {
      return false;
    }
  });
  if (!found) return undefined;
  const { port1, port2 } = new MessageChannel();
  found.postMessage("attach", location.origin, [port2]);

  // Silence is the end as well: a script may have stopped it, so that no log-out would be heard.
  let heard = performance.now();
  let looked = heard;
  const hear = () => (heard = performance.now());
  receive(
    port1,
    { alive: {}, end: { code: CODE } },
    { alive: hear, end: ({ code }) => ended(code) },
  );
  addEventListener("visibilitychange", hear);
  setInterval(() => {
    const now = performance.now();
    if (now - looked > SILENCE || document.visibilityState === "hidden") hear();
    else if (now - heard > SILENCE) ended("unavailable");
    looked = now;
  }, LOOK);
  return port1;
}

/** @type {T.TakeLook} */
export const takeLook =
  (root) =>
  ({ style, hint }) => {
    applyStyle(root, style);
    applyStyle(root, hint, "--hint-");
    // Of another scheme than the page's, the browser would paint the whole frame.
    document.documentElement.style.colorScheme = root.style.colorScheme;
  };

/** The page hears of a value in steps, for the time that one takes tells its size. @type {T.UntilStep} */
export const untilStep = (since) =>
  new Promise((over) => setTimeout(over, STEP - ((performance.now() - since) % STEP)));

/** @type {T.Follow} */
export function follow(link, page, { shown, mask }) {
  let current = 0;
  let tries = 0;
  let timer = 0;

  const forget = () => {
    current += 1;
    clearTimeout(timer);
  };

  const expire = () => {
    mask();
    page.postMessage({ type: "expired" });
  };

  /** @param {string} token */
  const show = async (token) => {
    forget();
    const mine = current;
    const began = performance.now();
    try {
      const asked = link.read?.(token) ?? ask(link, { type: "read", token }, SEALED);
      const { kind, expires_in, ...sealed } = await asked;
      if (kind === "file") throw new Refusal("is_a_file");
      const value = await open(sealed, { application: settings.application, kind });
      if (mine !== current) return;
      tries = 0;
      shown(value, token);
      timer = setTimeout(expire, expires_in * 1000);
      await untilStep(began);
      if (mine === current) page.postMessage({ type: "ready" });
    } catch (error) {
      if (mine !== current) return;
      page.postMessage({ type: "error", code: codeOf(error) });
      if (!PASSING.test(codeOf(error))) return;
      tries += 1;
      timer = setTimeout(show, Math.min(1000 * 2 ** tries, 60_000), token);
    }
  };
  return { show, forget };
}

// The value envelope, see types.d.ts.

export const ID = 2;
const NONCE = 18;
export const BODY = 30;
export const TAG = 16;
export const BUCKET = 256;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
/** @param {string} text */
export const utf8 = (text) => encoder.encode(text);

/** @param {Uint8Array} bytes */
export function toBase64url(bytes) {
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** @param {string} text */
export function fromBase64url(text) {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = binary.charCodeAt(at);
  return bytes;
}

/** @param {number} size */
export const bigEndian = (size) => [size >>> 24, size >>> 16, size >>> 8, size];

/** @param {ArrayLike<number> & Iterable<number>} field */
const framed = (field) => [...bigEndian(field.length), ...field];

/** By size and kind. @type {Record<string, number[]>} */
const heads = {};

/** @type {T.Gcm} */
export function gcm(envelope, { application, kind }) {
  const buckets = bigEndian((envelope.length - BODY - TAG) / BUCKET);
  const name = [buckets, kind, application].join();
  heads[name] ??= [
    utf8("lunasec/value/v1"),
    [1],
    [1],
    utf8(application),
    utf8(kind),
    buckets,
  ].flatMap(framed);
  return {
    name: "AES-GCM",
    iv: envelope.subarray(NONCE, BODY),
    additionalData: Uint8Array.from([...heads[name], ...framed(envelope.subarray(ID, NONCE))]),
  };
}

/** @type {T.KeyOf} */
export const keyOf = (raw, usage) => crypto.subtle.importKey("raw", raw, "AES-GCM", false, [usage]);

/** @type {T.Open} */
export async function open(sealed, bound) {
  try {
    const envelope = fromBase64url(sealed.ciphertext);
    const raw = fromBase64url(sealed.key);
    const key = await keyOf(raw, "decrypt");
    const body = await crypto.subtle.decrypt(gcm(envelope, bound), key, envelope.subarray(BODY));
    const padded = new Uint8Array(body);
    let end = padded.length;
    while (padded[--end] === 0);
    const value = decoder.decode(padded.subarray(0, end));
    // In the last bucket, or one value could be written in several ways.
    const marked = padded[end] === 0x80 && padded.length - end <= BUCKET;
    padded.fill(0);
    raw.fill(0);
    if (marked && envelope[0] === 1 && envelope[1] === 1) return value;
  } catch {}
  throw new Refusal("ciphertext_malformed");
}
