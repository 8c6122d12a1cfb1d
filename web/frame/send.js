/** A chosen file on its way up: read, sealed and sent by segments, and taken up again after a cut. */

import { settings } from "./channel.js";
import { toBase64url } from "./field.js";
import { sealManifest } from "./manifest.js";
import { codeOf, PASSING, Refusal } from "./messages.js";
import { layoutOf, sealStream } from "./stream.js";

const LANES = 2; // segments of a file at a time
const TRIES = 6; // in a row, about a minute
const LONGEST_PAUSE = 30_000; // milliseconds
const TAG = 16;

/** @type {T.Send} */
export function send(file, calls, { progress, waiting }) {
  const { application } = settings;
  const { size } = file;
  const { count, sealed, at } = layoutOf(size);
  const leaving = new AbortController();
  const { signal } = leaving;
  /** @type {T.Transfer | undefined} */
  let transfer;
  let tries = 0;

  const plan = async () => {
    const key = crypto.getRandomValues(new Uint8Array(32));
    const seal = await sealStream(key, { application, size });
    const { upload } = await calls.plan(sealed);
    if (signal.aborted) calls.drop(upload);
    return {
      upload,
      key,
      seal,
      tags: [],
      left: Array.from({ length: count }, (_, index) => index),
    };
  };

  /** @type {(into: T.Transfer, index: number) => Promise<void>} */
  const sendSegment = async ({ upload, seal, tags, left }, index) => {
    const { start, kept } = at(index);
    const segment = await seal(index, await readPart(file, start, kept));
    // Under one nonce no second text may go out, where a browser lets a file change.
    const tag = toBase64url(segment.subarray(-TAG));
    tags[index] ??= tag;
    if (tags[index] !== tag) throw new Refusal("file_changed");
    if (signal.aborted) throw new Refusal("edited");
    await calls.send(upload, index, segment);
    tries = 0;
    left.splice(left.indexOf(index), 1);
    progress(1 - left.length / count);
  };

  /** @param {T.Transfer} into */
  const sendAll = async (into) => {
    const queue = [...into.left];
    const lane = async () => {
      try {
        for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
          await sendSegment(into, next);
        }
      } finally {
        queue.length = 0;
      }
    };
    const lanes = await Promise.allSettled(Array.from({ length: LANES }, lane));
    for (const each of lanes) if (each.status === "rejected") throw each.reason;
  };

  /** @param {T.Transfer} into */
  const ask = async (into) => {
    const ranges = await calls.missing(into.upload);
    into.left = ranges.flatMap(([first, last]) =>
      Array.from({ length: last - first + 1 }, (_, index) => first + index),
    );
  };

  /** @returns {Promise<void>} */
  const run = async () => {
    try {
      if (transfer) await ask(transfer);
      transfer ??= await plan();
      await sendAll(transfer);
    } catch (error) {
      const code = codeOf(error);
      // Swept meanwhile, or the file is another one: the next try begins anew.
      if (transfer && !PASSING.test(code)) forget();
      const again = PASSING.test(code) || (code === "not_granted" && tries === 0);
      tries += 1;
      if (!again || tries > TRIES || signal.aborted) throw error;
      waiting();
      await pause(Math.min(500 * 2 ** tries, LONGEST_PAUSE), signal);
      return run();
    }
  };

  const forget = () => {
    if (transfer) calls.drop(transfer.upload);
    transfer = undefined;
  };

  return {
    run() {
      tries = 0;
      return run();
    },
    async keep(metadata) {
      if (!transfer) throw new Refusal("unavailable");
      const { upload, key } = transfer;
      const { name, type } = file;
      const manifest = await sealManifest({ name, type, size, key }, application);
      const { token } = await calls.keep(upload, manifest, metadata);
      transfer = undefined;
      return token;
    },
    cancel() {
      leaving.abort();
      forget();
    },
  };
}

/** @type {(file: Blob, start: number, length: number) => Promise<Uint8Array<ArrayBuffer>>} */
async function readPart(file, start, length) {
  if (!length) return new Uint8Array();
  try {
    return new Uint8Array(await file.slice(start, start + length).arrayBuffer());
  } catch (error) {
    const gone = /** @type {Error} */ (error).name === "NotFoundError";
    throw new Refusal(gone ? "file_gone" : "file_changed");
  }
}

/** Until then, or until the network is back. @type {(milliseconds: number, signal: AbortSignal) => Promise<void>} */
export const pause = (milliseconds, signal) =>
  new Promise((resolve) => {
    const timer = setTimeout(done, milliseconds);
    function done() {
      clearTimeout(timer);
      removeEventListener("online", done);
      signal.removeEventListener("abort", done);
      resolve();
    }
    addEventListener("online", done);
    signal.addEventListener("abort", done);
  });

/** So many at a time, in order. @param {number} room @returns {T.Turn} */
export function turns(room) {
  /** @type {(() => void)[]} */
  const waiting = [];
  return async (work) => {
    if (room > 0) room -= 1;
    else await new Promise((resolve) => waiting.push(() => resolve(undefined)));
    try {
      await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else room += 1;
    }
  };
}
