/** How long values may stand open; loaded where the operator says so. */

import { settings } from "./channel.js";

/** A page that asks again for what it showed gets the rest of that time. @type {T.MakeClock} */
export function makeClock() {
  /** @type {Map<string, number>} */
  const ends = new Map();
  const whole = (settings.remask_after ?? Infinity) * 1000;
  return {
    isOver: (token) => performance.now() >= (ends.get(token) ?? Infinity),
    left(token, anew = false) {
      const now = performance.now();
      if (anew || !ends.has(token)) ends.set(token, now + whole);
      return (ends.get(token) ?? now) - now;
    },
  };
}
