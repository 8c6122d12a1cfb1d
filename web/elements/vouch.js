/** How the application vouches for this browser; loaded where the tokenizer knows no session of it. */

import { reach, refused } from "./application.js";
import { authentication, Problem, unavailable } from "./page.js";

/** Hand over what the application gives, or say why there is nothing. @type {T.Vouch} */
export async function vouch(state, renewal, port, identity, fail) {
  // The session lives: there is nothing to hand over.
  if (state === "step-up")
    return import("./log-in.js").then(
      (loaded) => loaded.stepUp(identity),
      () => {},
    );
  try {
    const handle = await handleFor(state, renewal, port, identity);
    port.postMessage(handle ? { type: "redeem", handle } : { type: "bootstrapped" });
  } catch (error) {
    const found = Problem.of(error);
    const { code } = found;
    // The session that there is still holds for a while.
    if (renewal && !/^(?:no_session|session_changed)$/.test(code)) return;
    if (code === "unavailable") fail(found);
    else port.postMessage({ type: "failed", code });
  }
}

/**
 * Its route redirects to the tokenizer: an answer that can't be seen. Without a `state` the
 * tokenizer's cookies are lost, and there is another way; and another where it asks for a log-in.
 * @type {(state: string, renewal: boolean, port: MessagePort, identity?: T.Identity) => Promise<string>}
 */
async function handleFor(state, renewal, port, identity) {
  if (state === "log-in")
    return (await import("./log-in.js").catch(unavailable)).logIn(renewal, identity);
  if (!state) return (await import("./detour.js").catch(unavailable)).goRound(port, identity);
  if (authentication.handle) return authentication.handle(state);
  const response = await reach(`/.lunasec/secure-frame?state=${state}`, {
    mode: "no-cors",
    credentials: "include",
  });
  if (response.type !== "opaque") throw refused(response);
  return "";
}
