/** How the application vouches for this browser; loaded where the tokenizer knows no session of it. */

import { authentication, Problem, reach, refused } from "./page.js";

/**
 * Its route redirects to the tokenizer: an answer that can't be seen. Without a `state` the
 * tokenizer's cookies are lost, and there is another way. @type {T.Vouch}
 */
export async function vouch(state, port, identity) {
  if (!state) return (await loadDetour()).goRound(port, identity);
  if (authentication.handle) return authentication.handle(state);
  const response = await reach(`/.lunasec/secure-frame?state=${state}`, {
    mode: "no-cors",
    credentials: "include",
  });
  if (response.type !== "opaque") throw refused(response);
  return "";
}

const loadDetour = () =>
  import("./detour.js").catch(() => {
    throw new Problem("unavailable");
  });
