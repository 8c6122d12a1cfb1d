/**
 * The coordinator's part in files, loaded with the first frame that has one: it sends and asks for
 * segments in the session's name. What they hold, only the frames can open.
 */

import { settings } from "./channel.js";
import { answer, CODE, codeOf, REFERENCE, Refusal, receive, TOKEN } from "./messages.js";

const PATIENCE = 120_000; // milliseconds for a segment, on a slow line
const STARTING = 50; // milliseconds between two looks whether the session is there

const fromFrame = {
  plan: { size: Number },
  send: { upload: REFERENCE, index: Number, bytes: Object },
  missing: { upload: REFERENCE },
  drop: { upload: REFERENCE },
  keep: { upload: REFERENCE, key: 64, ciphertext: 100_000, metadata: Object },
  read: { token: TOKEN, segment: Number },
  leave: {},
};

/** @type {T.ServePort} */
export function serve(port, session, reference) {
  if (!port) return;
  /** Neither kept nor dropped. @type {Set<string>} */
  const unfinished = new Set();

  const started = async () => {
    while (session.status === "starting") {
      await new Promise((resolve) => setTimeout(resolve, STARTING));
    }
    if (session.status === "over") throw new Refusal(session.code);
  };
  /** @type {(path: string, body: object) => Promise<any>} */
  const post = async (path, body) => {
    await started();
    return session.post(path, body);
  };
  /** @type {(path: string, request: RequestInit) => Promise<Response>} */
  const send = async (path, request) => {
    await started();
    try {
      return await sendRaw(session, path, reference, request);
    } catch (error) {
      const code = codeOf(error);
      if (code.startsWith("session_")) session.over(code);
      if (code !== "no_session") throw error;
      // On a slow line a segment can arrive when its session has been renewed, and is no more.
      const { active } = await session.post("/session/ensure", {});
      if (!active) session.over(code);
      throw active ? new Refusal("unavailable") : error;
    }
  };

  /** @param {string} upload */
  const drop = (upload) => {
    if (!unfinished.delete(upload)) return;
    // The page may be on its way out. What is not dropped now, the tokenizer sweeps.
    const body = JSON.stringify({ session: reference, upload });
    const headers = { "Content-Type": "application/json" };
    const request = { method: "POST", keepalive: true, headers, body };
    sendRaw(session, "/files/drop", reference, request).catch(() => {});
  };
  const dropAll = () => unfinished.forEach(drop);

  /** @param {number} size */
  const plan = async (size) => {
    const { upload } = await post("/files", { size });
    unfinished.add(upload);
    return { upload };
  };
  /** @type {(upload: string, index: number, body: ArrayBuffer) => Promise<object>} */
  const put = async (upload, index, body) => {
    await send(`/files/${upload}/${index}`, {
      method: "PUT",
      headers: { "Content-Type": "application/octet-stream" },
      body,
    });
    return {};
  };
  /** @param {string} upload */
  const missing = async (upload) => {
    const found = await post("/files/missing", { upload });
    return { ranges: found.missing.map((/** @type {number[]} */ each) => each.join("-")) };
  };
  /** @param {{upload: string, key: string, ciphertext: string, metadata: object}} value */
  const keep = async (value) => {
    const { tokens } = await post("/tokenize", { values: [{ ...value, kind: "file" }] });
    unfinished.delete(value.upload);
    return { token: tokens[0] };
  };
  /** @type {(told: {token: string, segment: number}, reply?: MessagePort) => Promise<void>} */
  const read = async (told, reply) => {
    try {
      const response = await send("/files/read", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ session: reference, ...told }),
      });
      const bytes = await response.arrayBuffer().catch(() => {
        throw new Refusal("unavailable");
      });
      reply?.postMessage({ type: "answer", bytes }, [bytes]);
    } catch (error) {
      reply?.postMessage({ type: "refused", code: codeOf(error) });
    }
  };

  receive(port, fromFrame, {
    plan: ({ size }, reply) => answer(reply, plan(size)),
    send({ upload, index, bytes }, reply) {
      const sound = /** @type {unknown} */ (bytes) instanceof ArrayBuffer && unfinished.has(upload);
      const sending = sound ? put(upload, index, /** @type {any} */ (bytes)) : refuse();
      answer(reply, sending);
    },
    missing: ({ upload }, reply) => answer(reply, missing(upload)),
    drop: ({ upload }) => drop(upload),
    keep: (value, reply) => answer(reply, keep(value)),
    read,
    leave: dropAll,
  });
  port.addEventListener("close", dropAll);
  addEventListener("pagehide", dropAll);
}

const refuse = () => Promise.reject(new Refusal("not_granted"));

/** @type {(session: T.Session, path: string, reference: string, request: RequestInit) => Promise<Response>} */
async function sendRaw(session, path, reference, request) {
  const response = await session
    .send(path, {
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.timeout(PATIENCE),
      ...request,
      headers: {
        "LunaSec-Application": settings.application,
        "LunaSec-Session": reference,
        ...request.headers,
      },
    })
    .catch(() => undefined);
  if (response?.ok) return response;
  const refused = await response?.json().catch(() => ({}));
  throw new Refusal(CODE.test(refused?.code ?? "") ? refused.code : "unavailable");
}
