/** A stored file on its way down: segment by segment, opened strictly, taken up again after a cut. */

import { settings } from "./channel.js";
import { codeOf, PASSING, Refusal } from "./messages.js";
import { pause } from "./send.js";
import { layoutOf, openStream } from "./stream.js";

const TRIES = 8; // in a row, some two minutes
const LONGEST_PAUSE = 30_000; // milliseconds

/** @type {T.ReadFile} */
export function readFile(token, { key, size }, calls, signal, progress) {
  const { application } = settings;
  const { count } = layoutOf(size);
  const open = openStream(key, { application, size });

  /** @type {(index: number, tries?: number) => Promise<Uint8Array<ArrayBuffer>>} */
  const ask = async (index, tries = 1) => {
    try {
      return await calls.read(token, index);
    } catch (error) {
      if (!PASSING.test(codeOf(error)) || tries > TRIES || signal.aborted) throw error;
      await pause(Math.min(500 * 2 ** tries, LONGEST_PAUSE), signal);
      if (signal.aborted) throw error;
      return ask(index, tries + 1);
    }
  };
  const askAhead = (/** @type {number} */ index) => {
    const asked = ask(index);
    asked.catch(() => {}); // it is told when its turn comes
    return asked;
  };

  let index = 0;
  let ahead = askAhead(0);
  /** The last bytes go out when what is behind them is known to be zeros. @type {Uint8Array<ArrayBuffer> | undefined} */
  let held;
  return async () => {
    while (index < count) {
      const sealed = await ahead;
      if (signal.aborted) throw new Refusal("edited");
      index += 1;
      if (index < count) ahead = askAhead(index);
      const bytes = await open(sealed);
      progress(index / count);
      const before = held;
      if (bytes.length) held = bytes.slice(); // apart from its padding
      if (bytes.length && before) return before;
    }
    const last = held;
    held = undefined;
    return last;
  };
}
