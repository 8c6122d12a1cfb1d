/** What every field frame does, whatever it shows, until it forgets everything at the end. */

import {
  applyStyle,
  ask,
  awaitHello,
  CODE,
  codeOf,
  Refusal,
  receive,
  settings,
} from "./channel.js";

/** @import * as T from "../types" */

const SILENCE = 15_000; // milliseconds; three polls of the coordinator
const SEALED = { key: 64, ciphertext: 100_000, kind: 32, expires_in: Number };

/** The same for every value. */
export const MASK = "•".repeat(8);

export const look = { style: Object, hint: Object };

/** @type {T.ServeField} */
export function serveField(hello, build) {
  awaitHello(hello, (told, page) => {
    /** @type {T.Field | undefined} */
    let field;
    const forget = () => {
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
    field = build(told, page, link);
    page.postMessage({ type: "usable" });
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
  }, 2_500);
  return port1;
}

/** @param {T.Look} look */
export function takeLook({ style, hint }) {
  applyStyle(document.documentElement, style);
  applyStyle(document.documentElement, hint, "--hint-");
}

/** @type {T.Follow} */
export function follow(link, viewer) {
  let current = 0;
  let tries = 0;
  let timer = 0;

  const forget = () => {
    current += 1;
    clearTimeout(timer);
  };

  /** @param {string} token */
  const show = async (token) => {
    forget();
    const mine = current;
    try {
      const { kind, expires_in, ...sealed } = await ask(link, { type: "read", token }, SEALED);
      const value = await open(sealed, { application: settings.application, kind });
      if (mine !== current) return;
      tries = 0;
      viewer.shown(value);
      timer = setTimeout(viewer.expired, expires_in * 1000);
    } catch (error) {
      if (mine !== current) return;
      const code = codeOf(error);
      viewer.failed(code);
      tries += 1;
      const pause = Math.min(1000 * 2 ** tries, 60_000);
      if (!/^(?:not_granted|ciphertext_malformed)$/.test(code))
        timer = setTimeout(show, pause, token);
    }
  };
  return { show, forget };
}

// The value envelope: version, suite, value id, nonce, then buckets of UTF-8, 0x80 and zeros (ISO/IEC
// 7816-4) under AES-256-GCM, and the tag. Fields of associated data stand behind their lengths.

const ID = 2;
const NONCE = 18;
const BODY = 30;
const TAG = 16;
const BUCKET = 256;
const LONGEST = 64 * 1024;

/** @param {string} text */
const utf8 = (text) => new TextEncoder().encode(text);

/** @param {Uint8Array} bytes */
export function toBase64url(bytes) {
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** @param {string} text */
export function fromBase64url(text) {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

/** @param {number} size */
const bigEndian = (size) => [size >>> 24, size >>> 16, size >>> 8, size];

/** @type {(envelope: Uint8Array<ArrayBuffer>, bound: T.Bound) => AesGcmParams} */
function gcm(envelope, { application, kind }) {
  const buckets = bigEndian((envelope.length - BODY - TAG) / BUCKET);
  const texts = [utf8("lunasec/value/v1"), [1], [1], utf8(application), utf8(kind)];
  const fields = [...texts, buckets, envelope.subarray(ID, NONCE)];
  const bytes = fields.flatMap((field) => [...bigEndian(field.length), ...field]);
  return {
    name: "AES-GCM",
    iv: envelope.subarray(NONCE, BODY),
    additionalData: Uint8Array.from(bytes),
  };
}

/** @type {(raw: Uint8Array<ArrayBuffer>, usage: KeyUsage) => Promise<CryptoKey>} */
const keyOf = (raw, usage) => crypto.subtle.importKey("raw", raw, "AES-GCM", false, [usage]);

/** @type {T.Seal} */
export async function seal(value, bound, fill = crypto.getRandomValues.bind(crypto)) {
  const text = utf8(value);
  if (text.length > LONGEST) throw new Refusal("too_large");
  const padded = new Uint8Array((Math.floor(text.length / BUCKET) + 1) * BUCKET);
  padded.set(text);
  padded[text.length] = 0x80;
  const envelope = new Uint8Array(BODY + padded.length + TAG);
  envelope.set([1, 1]);
  fill(envelope.subarray(ID, BODY));
  const raw = fill(new Uint8Array(32));
  const key = await keyOf(raw, "encrypt");
  const body = await crypto.subtle.encrypt(gcm(envelope, bound), key, padded);
  envelope.set(new Uint8Array(body), BODY);
  const sealed = { key: toBase64url(raw), ciphertext: toBase64url(envelope) };
  for (const buffer of [text, padded, raw]) buffer.fill(0);
  return sealed;
}

/** @type {T.Open} */
export async function open(sealed, bound) {
  try {
    const envelope = fromBase64url(sealed.ciphertext);
    const raw = fromBase64url(sealed.key);
    const key = await keyOf(raw, "decrypt");
    const body = await crypto.subtle.decrypt(gcm(envelope, bound), key, envelope.subarray(BODY));
    const padded = new Uint8Array(body);
    const end = padded.findLastIndex((byte) => byte !== 0);
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    const value = text.decode(padded.subarray(0, end));
    // In the last bucket, or one value could be written in several ways.
    const marked = padded[end] === 0x80 && padded.length - end <= BUCKET;
    for (const buffer of [padded, raw]) buffer.fill(0);
    if (marked && envelope[0] === 1 && envelope[1] === 1) return value;
  } catch {}
  throw new Refusal("ciphertext_malformed");
}

// More than 4 bits in the last of 43 characters would be a second spelling of 32 bytes.
const SHAPE = /^lunasec-([\w-]{42}[AEIMQUYcgkosw048])([\w-]{6})$/;

/** @param {string} token */
export async function isToken(token) {
  const [, random, checksum] = SHAPE.exec(token) ?? [];
  const digest = await crypto.subtle.digest("SHA-256", utf8(`lunasec/token/v1${random}`));
  return toBase64url(new Uint8Array(digest)).slice(0, 6) === checksum;
}
