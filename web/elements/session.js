/** The page's session: one coordinator for all elements, a new one for a new session. */

import { CODE, receive, TOKEN } from "../frame/messages.js";
import { greet, identify, makeFrame, Problem } from "./page.js";

const CONFLICT = 60_000; // milliseconds; a session that changes twice within is fought over
const RECHECK = 10_000; // milliseconds; then a new element may ask whether somebody logged in
export const LONGEST_PAUSE = 60_000; // milliseconds between two tries

const fromCoordinator = {
  ready: {},
  unavailable: {},
  bootstrap: { state: 43, renewal: Boolean },
  failed: { code: CODE },
  ended: { code: CODE },
};

/** @type {Set<T.Member>} */
export const members = new Set();
/** @type {string[]} each once for each frame that will show it */
const announced = [];
let foretold = new WeakSet();
/** @type {[T.Identity, Promise<MessagePort>] | undefined} */
let opened;
/** @type {HTMLIFrameElement | undefined} */
let frame;
/** @type {Problem | undefined} */
let problem;
let hangUp = () => {};
let changedAt = -CONFLICT;
let failedAt = 0;
let tries = 0;
let generation = 0; // what an earlier one still says counts no longer

/** @param {T.Member} member */
export function join(member) {
  members.add(member);
  if (opened) member.open(...opened);
  if (problem) member.fail(problem);
  // A log-in without a new page shows by new elements.
  const stale = problem?.code === "no_session" && performance.now() - failedAt > RECHECK;
  if (generation === 0 || stale) start(stale);
}

export const currentProblem = () => problem;

/** A member's frame found no coordinator. @param {T.Member} member */
export function lost(member) {
  if (frame?.isConnected) member.fail(new Problem("unavailable"));
  // Something took it out of the page.
  else if (frame) start(false);
}

/** A page's values are asked for at once. @type {T.Announce} */
export function announce(element, shown) {
  if (foretold.delete(element)) return;
  for (const token of shown.split(" ")) {
    if (TOKEN.test(token) && announced.push(token) === 1) queueMicrotask(show);
  }
}

async function show() {
  const tokens = announced.splice(0);
  const port = await opened?.[1].catch(() => undefined);
  port?.postMessage({ type: "show", tokens });
}

/** @type {T.Foretell} */
export function foretell(root) {
  if (!opened) return;
  for (const each of root.querySelectorAll("[token]:not([reveal=click], :defined)")) {
    announce(each, `${each.getAttribute("token")}`);
    foretold.add(each);
  }
}

/** @param {boolean} anew ask the application, whatever it wrote into the page */
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
  hangUp();
  frame?.remove();
  problem = opened = frame = undefined;
  for (const member of members) member.close();
  return generation;
}

/** @param {T.Identity} found */
function open(found) {
  const current = generation;
  const iframe = makeFrame(found.application, "coordinator");
  frame = iframe;
  iframe.hidden = true;
  const arrived = new Promise((resolve) => iframe.addEventListener("load", resolve));
  // Another document in it knows nothing of this page.
  arrived.then(() => iframe.addEventListener("load", () => current === generation && start(false)));
  // Where field frames find it; outside the body, which some frameworks replace.
  document.documentElement.append(iframe);
  const coordinator = arrived.then(() => greet(iframe, { session: found.session }));
  coordinator.then(
    (port) => current === generation && attend(port),
    (error) => current === generation && fail(Problem.of(error)),
  );
  opened = [found, coordinator];
  foretold = new WeakSet();
  foretell(document);
  for (const member of members) member.open(...opened);
}

/** @param {MessagePort} port */
function attend(port) {
  hangUp = () => port.close();
  receive(port, fromCoordinator, {
    ready: recover,
    unavailable: () => fail(new Problem("unavailable"), false),
    bootstrap: ({ state, renewal }) =>
      import("./vouch.js").then(
        ({ vouch }) => vouch(state, renewal, port, opened?.[0], fail),
        () => renewal || fail(new Problem("unavailable")),
      ),
    failed: ({ code }) => (code === "session_changed" ? change() : fail(new Problem(code))),
    ended: change,
  });
}

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

/** @type {T.Fail} */
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

// Its frames wiped themselves.
addEventListener("pageshow", ({ persisted }) => persisted && start(true));
