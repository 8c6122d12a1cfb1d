/**
 * The page's session: one coordinator for all elements, and a new one when the session changed. The
 * elements are told to make their frames, to drop them, and what went wrong.
 */

import { CODE, receive, REFERENCE } from "../frame/channel.js";
import { bootstrap, greet, identify, makeFrame, Problem } from "./page.js";

/** @import { Identity, Member } from "../types" */

const CONFLICT = 60_000; // milliseconds; a session that changes twice within this is fought over
const RECHECK = 10_000; // milliseconds before a new element may ask whether somebody logged in
const LONGEST_PAUSE = 60_000; // milliseconds between two tries

const fromCoordinator = {
  ready: {},
  unavailable: {},
  bootstrap: { state: REFERENCE, renewal: Boolean },
  failed: { code: CODE },
  ended: { code: CODE },
};

/** @type {Set<Member>} */
const members = new Set();
/** For the next batch; a token stands here once for each frame that will show it. @type {string[]} */
let announced = [];
/** @type {Identity | undefined} */
let identity;
/** @type {Promise<MessagePort> | undefined} */
let coordinator;
/** @type {HTMLIFrameElement | undefined} */
let frame;
/** @type {Problem | undefined} */
let problem;
let changedAt = -CONFLICT;
let failedAt = 0;
let tries = 0;
let generation = 0; // what still comes in from an earlier start counts no longer

/** @param {Member} member */
export function join(member) {
  members.add(member);
  if (identity && coordinator) member.open(identity, coordinator);
  if (problem) member.fail(problem);
  // A single-page application's log-in shows by its new elements.
  const stale = problem?.code === "no_session" && performance.now() - failedAt > RECHECK;
  if (generation === 0 || stale) start(stale);
}

export const currentProblem = () => problem;

/** @param {Member} member */
export function leave(member) {
  members.delete(member);
}

/** A member's frame found no coordinator. @param {Member} member */
export function lost(member) {
  // Something took it out of the page, so all begin anew.
  if (frame?.isConnected) member.fail(new Problem("unavailable"));
  else if (frame) start(false);
}

/**
 * Tell the coordinator a token that is about to be shown. Those of one turn go together, so that all
 * values of a page are asked for at once, and before its frames have loaded.
 * @param {string} token
 */
export function announce(token) {
  if (token && announced.push(token) === 1) queueMicrotask(tellTokens);
}

async function tellTokens() {
  const tokens = announced;
  announced = [];
  const port = await coordinator?.catch(() => undefined);
  port?.postMessage({ type: "show", tokens });
}

/**
 * Begin, or begin anew: new documents, for the session that the application names.
 * @param {boolean} anew
 */
export async function start(anew) {
  const current = stop();
  try {
    const found = await identify(anew);
    if (current === generation) open(found);
  } catch (error) {
    if (current === generation) fail(Problem.of(error));
  }
}

function stop() {
  generation += 1;
  problem = identity = coordinator = undefined;
  frame?.remove();
  frame = undefined;
  for (const member of members) member.close();
  return generation;
}

/** @param {Identity} found */
function open(found) {
  const { application, session } = (identity = found);
  const current = generation;
  const iframe = (frame = makeFrame(application, "coordinator"));
  iframe.hidden = true;
  iframe.title = "LunaSec";
  const arrived = new Promise((resolve) => iframe.addEventListener("load", resolve, { once: true }));
  // Another document in it knows nothing of this page.
  arrived.then(() => iframe.addEventListener("load", () => current === generation && start(false)));
  // In the light DOM, where field frames find it; outside the body, which some frameworks replace.
  document.documentElement.append(iframe);
  coordinator = arrived.then(() => greet(iframe, { session }));
  coordinator.then(attend, (error) => current === generation && fail(Problem.of(error)));
  for (const member of members) member.open(found, coordinator);
}

/** @param {MessagePort} port */
function attend(port) {
  const current = generation;
  /** @type {<A extends unknown[]>(act: (...given: A) => unknown) => (...given: A) => unknown} */
  const now = (act) => (...given) => current === generation && act(...given);
  receive(port, fromCoordinator, {
    ready: now(recover),
    unavailable: now(() => fail(new Problem("unavailable"), false)),
    bootstrap: now(({ state, renewal }) => vouch(port, state, renewal)),
    failed: now(({ code }) => (code === "session_changed" ? change() : fail(new Problem(code)))),
    ended: now(change),
  });
}

/**
 * @param {MessagePort} port
 * @param {string} state
 * @param {boolean} renewal the session lives, and what fails now may succeed in a minute
 */
async function vouch(port, state, renewal) {
  try {
    const handle = await bootstrap(state);
    port.postMessage(handle ? { type: "redeem", handle } : { type: "bootstrapped" });
  } catch (error) {
    const found = Problem.of(error);
    if (found.code === "unavailable" && !renewal) fail(found);
    else if (found.code === "no_session" || !renewal) port.postMessage({ type: "failed", code: found.code });
  }
}

/** The session ended or is another one. Once it is replaced; a second time, somebody fights over it. */
function change() {
  const again = performance.now() - changedAt < CONFLICT;
  changedAt = performance.now();
  if (!again) return start(true);
  stop();
  fail(new Problem("session_conflict"));
}

function recover() {
  const over = problem;
  tries = 0;
  problem = undefined;
  if (over) for (const member of members) member.recovered(over);
}

/** @param {Problem} found @param {boolean} restart with new documents, where the coordinator does not try again */
function fail(found, restart = true) {
  problem = found;
  failedAt = performance.now();
  for (const member of members) member.fail(found);
  if (found.code !== "unavailable" || !restart) return;
  const current = generation;
  const pause = Math.min(2_000 * 2 ** tries, LONGEST_PAUSE);
  tries += 1;
  setTimeout(() => current === generation && start(true), pause);
}

// The back button brings a page back as it was; its frames wiped themselves when it went.
addEventListener("pageshow", ({ persisted }) => persisted && start(true));
