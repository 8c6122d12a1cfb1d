/** The tokenizer's session: once it ended, or is not the page's, it is over for good. */

import { CODE, codeOf, Refusal } from "./channel.js";

/** @import * as T from "../types" */

const POLL = 5_000; // milliseconds; a log-out blanks a page within twice this
const SOONEST = 10; // seconds to a renewal
const LONGEST_PAUSE = 30_000; // milliseconds between two tries

const passing = /^(?:unavailable|too_many_requests|sealed|internal)$/;

/** @type {T.StartSession} */
export function startSession(application, reference, watcher) {
  /** @type {T.Session} */
  const session = { status: "starting", code: "", post, bootstrapped, over };
  let proven = false; // the tokenizer knew it once
  let bootstrapping = false;
  let tries = 0;
  let renewal = 0;
  let expiry = 0;

  /** @param {string} code */
  function over(code) {
    if (session.status === "over") return;
    session.status = "over";
    session.code = code;
    clearTimeout(renewal);
    clearTimeout(expiry);
    watcher.over(code, proven);
  }

  // It ended, or its cookie did not come back from where it was just set.
  const lost = () => over(proven ? "no_session" : "cookies_blocked");

  /** @type {T.Session["post"]} */
  async function post(path, body) {
    if (session.status === "over") throw new Refusal(session.code);
    try {
      const answer = await send(application, path, { session: reference, ...body });
      proven ||= path !== "/session/ensure";
      return answer;
    } catch (error) {
      const code = codeOf(error);
      if (code === "no_session") lost();
      else if (code.startsWith("session_")) over(code);
      else if (session.status === "starting" && !passing.test(code)) over(code);
      throw error;
    }
  }

  /** @param {boolean} renew */
  async function ensure(renew) {
    const answer = await post("/session/ensure", { renew });
    if (answer.active) keep(answer);
    return answer;
  }

  /** @param {{expires_in: number, renew_in: number}} answer in seconds */
  function keep({ expires_in, renew_in }) {
    proven = true;
    tries = 0;
    clearTimeout(expiry);
    expiry = setTimeout(over, expires_in * 1000, "no_session");
    renewal ||= setTimeout(renew, Math.max(renew_in, SOONEST) * 1000);
  }

  async function renew() {
    renewal = 0;
    const { active, state } = await ensure(true).catch(() => ({ active: true, state: "" }));
    if (!active) bootstrap(state);
  }

  /** @param {string} state */
  function bootstrap(state) {
    bootstrapping = true;
    watcher.bootstrap(state, session.status === "live");
  }

  async function check() {
    const { active } = await ensure(false);
    if (active) watcher.alive();
    else lost();
  }

  function poll() {
    if (session.status !== "live" || document.visibilityState !== "visible") return;
    check().catch(() => watcher.alive());
  }

  async function start() {
    try {
      const { active, state } = await ensure(false);
      if (active) live();
      else bootstrap(state);
    } catch {
      retry();
    }
  }

  function live() {
    session.status = "live";
    watcher.live();
  }

  function retry() {
    if (session.status === "over") return;
    session.status = "starting";
    watcher.unavailable();
    setTimeout(start, Math.min(1000 * 2 ** tries, LONGEST_PAUSE));
    tries += 1;
  }

  /** @type {T.Session["bootstrapped"]} */
  async function bootstrapped(handle) {
    if (!bootstrapping) return;
    bootstrapping = false;
    try {
      if (handle) await send(application, `/session/create/${application}`, { handle });
      if (session.status === "live") return await check();
      session.status = "live";
      await (watcher.prove() ?? check());
      if (session.status === "live") watcher.live();
    } catch (error) {
      if (handle && !passing.test(codeOf(error))) over(codeOf(error));
      else if (!proven) retry();
    }
  }

  setInterval(poll, POLL);
  for (const event of ["visibilitychange", "pageshow"]) addEventListener(event, poll);
  start();
  return session;
}

/** @type {(application: string, path: string, body: object) => Promise<any>} */
async function send(application, path, body) {
  const response = await fetch(path, {
    method: "POST",
    cache: "no-store",
    redirect: "error",
    headers: { "Content-Type": "application/json", "LunaSec-Application": application },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  }).catch(() => undefined);
  const answer = await response?.json().catch(() => ({}));
  if (response?.ok) return answer;
  throw new Refusal(CODE.test(answer?.code ?? "") ? answer.code : "unavailable");
}
