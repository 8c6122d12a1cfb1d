/** Ask the coordinator for what files need, by a port of their own; buffers are handed over. */

import { CODE, REFERENCE, Refusal, receive, TOKEN } from "./messages.js";

/** @type {T.LinkFiles} */
export function linkFiles(link) {
  const { port1: port, port2 } = new MessageChannel();
  link.postMessage({ type: "serve", module: "files" }, [port2]);
  /** @type {T.CallFiles} */
  const call = (question, shape, buffers = []) =>
    new Promise((resolve, reject) => {
      const { port1, port2: reply } = new MessageChannel();
      receive(
        port1,
        { answer: shape, refused: { code: CODE } },
        { answer: resolve, refused: ({ code }) => reject(new Refusal(code)) },
      );
      port.postMessage(question, [reply, ...buffers]);
    });
  return {
    plan: (size) => call({ type: "plan", size }, { upload: REFERENCE }),
    async send(upload, index, bytes) {
      const { buffer } = bytes.slice(); // what was sealed once is kept until it has arrived
      await call({ type: "send", upload, index, bytes: buffer }, {}, [buffer]);
    },
    async missing(upload) {
      const { ranges } = await call({ type: "missing", upload }, { ranges: [/^\d+-\d+$/] });
      return ranges.map((each) => /** @type {[number, number]} */ (each.split("-").map(Number)));
    },
    drop: (upload) => port.postMessage({ type: "drop", upload }),
    keep: (upload, sealed, metadata) =>
      call({ type: "keep", upload, ...sealed, metadata }, { token: TOKEN }),
    async read(token, segment) {
      const { bytes } = await call({ type: "read", token, segment }, { bytes: Object });
      return new Uint8Array(/** @type {any} */ (bytes));
    },
    close: () => port.postMessage({ type: "leave" }),
  };
}
