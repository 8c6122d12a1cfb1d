/** The coordinator's part in copying; loaded with the first value that is to be copied. */

import { answer, Refusal, receive, TOKEN } from "./messages.js";

/** @type {T.ServePort} */
export function serve(port, session) {
  if (!port) return;
  /** @param {string} token */
  const copy = async (token) => {
    const { values } = await session.post("/detokenize", { tokens: [token], action: "copy" });
    const { code, key, ciphertext, kind } = values[0];
    if (code) throw new Refusal(code);
    return { key, ciphertext, kind };
  };
  receive(
    port,
    { copy: { token: TOKEN } },
    { copy: ({ token }, reply) => answer(reply, copy(token)) },
  );
}
