/**
 * The page's side of the session: one coordinator for all elements, the bootstrap, and starting
 * anew when the session changed. Members are told three things: open (make your frame), close (it
 * is worth nothing any more), fail (say so in your box).
 */

import { code, flag, receive, reference } from "../frame/channel.js";
import { arrival, greet, makeFrame } from "./frame.js";
import { bootstrap, identify } from "./page.js";
import { Problem } from "./problem.js";

/** @import { Identity } from "./page.js" */

const CONFLICT = 60_000; // milliseconds; a session that changes twice within this is fought over
const RECHECK = 10_000; // milliseconds before a new element may ask again whether somebody logged in
const LONGEST_PAUSE = 60_000; // milliseconds between two tries

/**
 * @typedef {object} Member
 * @property {(identity: Identity, coordinator: Promise<MessagePort>) => void} open
 * @property {() => void} close
 * @property {(problem: Problem) => void} fail
 * @property {() => void} recovered
 */

/** @type {Set<Member>} */
const members = new Set();
/** Tokens for the next batch, each once for each frame. @type {string[]} */
let announced = [];

/** @type {Identity | undefined} */
let identity;
/** @type {Promise<MessagePort> | undefined} */
let coordinator;
/** @type {HTMLIFrameElement | undefined} */
let hidden;
/** @type {Problem | undefined} */
let problem;
let changedAt = -CONFLICT;
let failedAt = 0;
let tries = 0;
let generation = 0;

/** @param {Member} member */
export function join(member) {
  members.add(member);
  if (identity && coordinator) member.open(identity, coordinator);
  if (problem) member.fail(problem);
  // A single-page application's log-in shows itself by new elements.
  const stale = problem?.code === "no_session" && performance.now() - failedAt > RECHECK;
  if (generation === 0 || stale) start(stale);
}

/** @param {Member} member */
export function leave(member) {
  members.delete(member);
}

/**
 * A member's frame found no coordinator. Where something took it out of the page, all begin anew.
 * @param {Member} member
 */
export function lost(member) {
  if (hidden && !hidden.isConnected) start(false);
  else member.fail(new Problem("unavailable"));
}

/**
 * Tell the coordinator a token that is about to be shown. Those of one turn go in one message, so
 * that the page asks for all of its values at once, and before its frames have loaded.
 * @param {string} token
 */
export function announce(token) {
  if (announced.push(token) > 1) return;
  queueMicrotask(async () => {
    const tokens = announced;
    announced = [];
    (await coordinator?.catch(() => undefined))?.postMessage({ type: "show", tokens });
  });
}

/**
 * Begin, or begin anew: new documents for the session that the application names.
 * @param {boolean} anew
 */
export async function start(anew = true) {
  generation += 1;
  const current = generation;
  stop();
  try {
    const found = await identify(anew);
    if (current === generation) open(found);
  } catch (error) {
    if (current === generation) fail(Problem.of(error));
  }
}

function stop() {
  problem = identity = coordinator = undefined;
  hidden?.remove();
  for (const member of members) member.close();
}

/** @param {Identity} found */
function open(found) {
  identity = found;
  hidden = makeFrame(found.application, "coordinator");
  hidden.hidden = true;
  hidden.title = "LunaSec";
  hidden.tabIndex = -1;
  const iframe = hidden;
  coordinator = arrival(iframe).then(() => greet(iframe, { session: found.session }));
  // In the light DOM, where the field frames find it among the page's frames; and outside the body,
  // which some frameworks replace.
  document.documentElement.append(hidden);
  coordinator.then(attend, (error) => fail(Problem.of(error)));
  for (const member of members) member.open(found, coordinator);
}

/** @param {MessagePort} port */
function attend(port) {
  receive(port, {
    ready: {},
    unavailable: {},
    bootstrap: { state: reference, renewal: flag },
    failed: { code },
    ended: { code },
  }, {
    ready: recover,
    unavailable: () => fail(new Problem("unavailable"), false),
    bootstrap: ({ state, renewal }) => vouch(port, state, renewal),
    failed: ({ code }) => (code === "session_changed" ? change() : fail(new Problem(code))),
    ended: change,
  });
}

/**
 * @param {MessagePort} port
 * @param {string} state
 * @param {boolean} renewal the session is live, and what fails now may succeed in a minute
 */
async function vouch(port, state, renewal) {
  try {
    const handle = await bootstrap(state);
    port.postMessage(handle ? { type: "redeem", handle } : { type: "bootstrapped" });
  } catch (error) {
    const { code } = Problem.of(error);
    if (renewal && code !== "no_session") return;
    if (code === "unavailable") return fail(new Problem(code));
    port.postMessage({ type: "failed", code });
  }
}

/** The session is over or another one: once it may be replaced, a second time somebody fights. */
function change() {
  const again = performance.now() - changedAt < CONFLICT;
  changedAt = performance.now();
  if (!again) return start();
  generation += 1;
  stop();
  fail(new Problem("session_conflict"));
}

function recover() {
  tries = 0;
  problem = undefined;
  for (const member of members) member.recovered();
}

/**
 * @param {Problem} found
 * @param {boolean} restart where waiting helps, try with new documents; else the coordinator does
 */
function fail(found, restart = true) {
  problem = found;
  failedAt = performance.now();
  for (const member of members) member.fail(found);
  if (found.code !== "unavailable" || !restart) return;
  const current = generation;
  const pause = Math.min(2_000 * 2 ** tries, LONGEST_PAUSE);
  tries += 1;
  setTimeout(() => current === generation && start(), pause);
}

// The back button may bring the whole page back as it was; its frames wiped themselves when it went.
addEventListener("pageshow", ({ persisted }) => persisted && start());
