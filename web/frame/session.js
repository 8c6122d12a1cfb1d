/** The session: once ended, or not the page's, it is over. */

import { settings } from "./channel.js";
import { CODE, codeOf, PASSING, Refusal } from "./messages.js";

const POLL = 4_000; // milliseconds; a log-out blanks pages in 10 s
const RENEWAL = 10_000;

/** @type {T.StartSession} */
export function startSession(reference, watcher) {
  /** @type {T.Session} */
  const session = {
    status: "starting",
    code: "",
    post,
    send: fetch.bind(window),
    bootstrapped,
    over,
  };
  let proven = false; // it lived once
  /** @type {Promise<void> | undefined} */
  let detour;
  let bootstrapping = false;
  let tries = 0;
  let due = Infinity;
  let expiry = 0;

  /** @param {string} code */
  function over(code) {
    if (session.status === "over") return;
    session.status = "over";
    session.code = code;
    watcher.wipe(code);
    watcher.tell({ type: proven ? "ended" : "failed", code });
  }

  /** It ended, or no cookie came back: then without, once. @type {T.Lost} */
  async function lost(before, again) {
    if (proven || before) over(proven ? "no_session" : "cookies_blocked");
    else
      detour ??= import("./cookieless.js").then(
        ({ goRound }) => goRound(session, reference, watcher),
        () => over("unavailable"),
      );
    await detour;
    return again();
  }

  /** @type {T.Session["post"]} */
  async function post(path, body) {
    const before = detour;
    await before;
    if (session.status === "over") throw new Refusal(session.code);
    try {
      const answer = await ask(path, { session: reference, ...body });
      proven ||= path !== "/session/ensure";
      return answer;
    } catch (error) {
      const code = codeOf(error);
      if (code === "no_session") return lost(before, () => post(path, body));
      const passes = session.status === "live" || PASSING.test(code);
      if (!passes || /^session_|proxied/.test(code)) over(code);
      throw error;
    }
  }

  async function ensure(renew = false) {
    const answer = await post("/session/ensure", { renew });
    if (answer.active) keep(answer);
    return answer;
  }

  /** @param {any} answer in seconds */
  function keep({ expires_in, renew_in }) {
    proven = true;
    tries = 0;
    clearTimeout(expiry);
    expiry = setTimeout(over, expires_in * 1000, "no_session");
    due = performance.now() + renew_in * 1000;
  }

  async function renew() {
    if (performance.now() < due) return;
    const { active, state } = await ensure(true).catch(() => ({ active: true }));
    if (!active) bootstrap(state);
  }

  function bootstrap(state = "") {
    bootstrapping = true;
    watcher.tell({ type: "bootstrap", state, renewal: session.status === "live" });
  }

  async function check() {
    const before = detour;
    const { active } = await ensure();
    if (!active) await lost(before, check);
  }

  function poll() {
    if (session.status !== "live" || document.hidden) return;
    const slow = new Promise((resolve) => setTimeout(resolve, 3_000));
    Promise.race([check(), slow]).then(watcher.alive, watcher.alive);
  }

  async function start() {
    try {
      if (settings.proxied) return await prove();
      const { active, state } = await ensure();
      if (active) live();
      if (!active || state) bootstrap(state);
    } catch {
      retry();
    }
  }

  async function prove() {
    session.status = "live";
    await (watcher.prove() ?? check());
    if (session.status === "live") live();
  }

  function live() {
    session.status = "live";
    watcher.flush();
    watcher.tell({ type: "ready" });
  }

  function retry() {
    if (session.status === "over") return;
    session.status = "starting";
    watcher.tell({ type: "unavailable" });
    setTimeout(start, Math.min(2 ** tries++, 30) * 1000);
  }

  /** @type {T.Session["bootstrapped"]} */
  async function bootstrapped(handle) {
    if (!bootstrapping) return;
    bootstrapping = false;
    try {
      if (handle) await ask(`/session/create/${settings.application}`, { handle });
      if (session.status === "live") return await check();
      await prove();
    } catch (error) {
      const code = handle ? codeOf(error) : "internal";
      if (code === "handle_invalid") lost(detour, check).then(live, retry);
      else if (!PASSING.test(code)) over(code);
      else if (!proven) retry();
    }
  }

  /** @type {T.Session["post"]} */
  async function ask(path, body) {
    const how = {
      method: "POST",
      redirect: "error",
      headers: { "Content-Type": "application/json", "LunaSec-Application": settings.application },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(10_000),
    };
    const response = await session.send(path, how).catch(() => undefined);
    const answer = await response?.json().catch(() => ({}));
    if (response?.ok) return answer;
    const other = response?.status === 401 ? "no_session" : "unavailable";
    throw new Refusal(CODE.test(answer?.code ?? "") ? answer.code : other);
  }

  setInterval(poll, POLL);
  setInterval(renew, RENEWAL);
  for (const event of ["visibilitychange", "pageshow"]) addEventListener(event, poll);
  setTimeout(start, settings.proxied ? 30 : 0); // the page says first what it shows
  return session;
}
