/**
 * How the coordinator goes on where the browser keeps no cookie of ours. A courier's secret registers
 * a key, once, and each request is signed with that; nothing is stored.
 */

import { toBase64url } from "./field.js";
import { keyName, messageOf } from "./signing.js";

const UNDER_WAY = 16; // requests; the tokenizer lets one fall 256 behind
const LATE = 1_000; // milliseconds that a courier's words may come after the page's
const CURVE = { name: "ECDSA", namedCurve: "P-256" };
const SIGNED = { name: "ECDSA", hash: "SHA-256" };

let secret = "";
/** @type {T.Signer | undefined} */
let signer;
/** @type {Promise<Response> | undefined} */
let registering;
const lanes = Array(UNDER_WAY).fill(Promise.resolve());
let next = 0;

/** Have the page send a courier, wait for its secret, and sign from then on. @type {T.GoRound} */
export async function goRound(session, reference, watcher) {
  const courier = Promise.withResolvers();
  const page = Promise.withResolvers();
  let foreign = false;
  /** @param {string} given */
  const take = (given) => {
    secret = given;
    courier.resolve(undefined);
  };
  addEventListener("message", ({ origin, data }) => {
    if (origin !== location.origin || typeof data?.secret !== "string") return;
    foreign ||= data.session !== reference;
    if (data.session === reference) take(data.secret);
  });
  session.send = send;
  const { bootstrapped } = session;
  let began = false;
  session.bootstrapped = async (handle) => {
    if (handle) take(handle);
    if (began) return bootstrapped();
    began = true;
    page.resolve(undefined);
  };
  watcher.tell({ type: "bootstrap", state: "", renewal: false });
  await page.promise;
  await Promise.race([courier.promise, new Promise((late) => setTimeout(late, LATE))]);
  if (!secret && foreign) session.over("session_changed");
}

/** @type {T.Session["send"]} */
async function send(path, how) {
  // Where a body is bytes, the session stands in a header.
  const session = how.headers["LunaSec-Session"] ?? JSON.parse(how.body).session;
  if (secret) registering ??= register(session, how).finally(() => (registering = undefined));
  const answer = await registering;
  if (signer) return sign(signer, session, path, how);
  // Refused for good: as good as not brought, and the coordinator hears that there is no session.
  return !answer || answer.status === 403 ? fetch(path, how) : answer.clone();
}

/** @type {(session: string, how: any) => Promise<Response>} */
async function register(session, how) {
  const pair = /** @type {CryptoKeyPair} */ (
    await crypto.subtle.generateKey(CURVE, false, ["sign"])
  );
  const raw = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const name = await keyName(raw);
  const body = JSON.stringify({ session, secret, key: toBase64url(raw) });
  const told = { ...how, body, credentials: "omit" };
  const path = "/session/register";
  const answer = await (signer ? sign(signer, session, path, told) : fetch(path, told));
  // Used up, but for an answer that says to come again.
  if (answer.status < 500 && answer.status !== 429) secret = "";
  if (answer.ok) signer = { key: pair.privateKey, name, counter: 0 };
  return answer;
}

/** @type {(by: T.Signer, session: string, path: string, how: any) => Promise<Response>} */
function sign(by, session, path, how) {
  const lane = next++ % UNDER_WAY;
  const sent = lanes[lane].then(async () => {
    by.counter += 1;
    const { counter } = by; // another lane counts on meanwhile
    const request = { method: how.method, path, body: how.body, session, counter };
    const message = await messageOf(request, by.name);
    const signature = new Uint8Array(await crypto.subtle.sign(SIGNED, by.key, message));
    const stated = [toBase64url(by.name), counter, toBase64url(signature)].join(".");
    const headers = { ...how.headers, "LunaSec-Signature": stated };
    return fetch(path, { ...how, headers, credentials: "omit" });
  });
  lanes[lane] = sent.catch(() => {});
  return sent;
}
