/**
 * To the disk: through a service worker that hands on as much as the browser takes, and so holds next
 * to nothing. Where there can be none, through memory, which has its bounds.
 */

import { toBase64url } from "./field.js";
import { Refusal } from "./messages.js";
import { disposition, safeName } from "./words.js";

const WORKER = "/download/worker.js";
const MOST = 256 * 1024 * 1024; // bytes through memory
const PATIENCE = 15_000; // milliseconds until the browser asks for the first bytes
const PULSE = 10_000; // milliseconds; a worker that hears nothing is stopped after thirty seconds

/** @type {T.MakeSaver} */
export function makeSaver(root) {
  // Always there, so that their number tells the page nothing.
  const frame = document.createElement("iframe");
  frame.hidden = true;
  frame.title = "Download";
  root.append(frame);
  return {
    async save(file, leaving) {
      const worker = await activeWorker();
      if (leaving.signal.aborted) throw new Refusal("edited");
      if (worker) await saveByWorker(file, worker, frame, leaving);
      else await saveByMemory(file);
    },
  };
}

/** @returns {Promise<ServiceWorker | undefined>} */
async function activeWorker() {
  try {
    const { serviceWorker } = navigator;
    const { active, waiting, installing } = await serviceWorker.register(trusted(WORKER));
    const worker = active ?? waiting ?? installing;
    if (!worker || worker.state === "activated") return worker ?? undefined;
    return await new Promise((resolve) => {
      worker.addEventListener("statechange", () => {
        if (worker.state === "activated") resolve(worker);
        if (worker.state === "redundant") resolve(undefined);
      });
    });
  } catch {
    return undefined; // storage is blocked
  }
}

/** The one script address that a frame may run beside its modules. @type {any} */
let policy;
/** @param {string} address @returns {any} */
function trusted(address) {
  policy ??= /** @type {any} */ (globalThis).trustedTypes?.createPolicy("lunasec-download", {
    createScriptURL: (/** @type {string} */ asked) => (asked === WORKER ? asked : ""),
  });
  return policy?.createScriptURL(address) ?? address;
}

/** @type {T.SaveByWorker} */
async function saveByWorker({ name, size, next }, worker, frame, leaving) {
  const { signal } = leaving;
  const { promise, resolve, reject } = Promise.withResolvers();
  const { port1: port, port2 } = new MessageChannel();
  const id = toBase64url(crypto.getRandomValues(new Uint8Array(32)));
  const timer = setTimeout(reject, PATIENCE, new Refusal("unavailable"));
  const pulse = setInterval(() => worker.postMessage({ alive: id }), PULSE);
  const hand = async () => {
    try {
      const bytes = await next();
      if (bytes) port.postMessage({ bytes }, [bytes.buffer]);
      else {
        port.postMessage({ end: true });
        resolve(undefined);
      }
    } catch (error) {
      reject(error);
    }
  };
  port.onmessage = ({ data }) => {
    if (data === "offered") frame.src = `/download/${id}`;
    if (data === "pull") {
      clearTimeout(timer);
      hand();
    }
    if (data === "cancel") leaving.abort();
  };
  signal.addEventListener("abort", () => reject(new Refusal("edited")));
  worker.postMessage({ id, size, disposition: disposition(name) }, [port2]);
  try {
    await promise;
  } catch (error) {
    port.postMessage({ failed: true }); // what there is of it is not the file
    throw error;
  } finally {
    clearTimeout(timer);
    clearInterval(pulse);
  }
}

/** @param {T.Saved} file */
async function saveByMemory({ name, size, next }) {
  if (size > MOST) throw new Refusal("download_blocked");
  /** @type {Uint8Array<ArrayBuffer>[]} */
  const parts = [];
  for (let bytes = await next(); bytes; bytes = await next()) parts.push(bytes);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(parts, { type: "application/octet-stream" }));
  link.download = safeName(name);
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), PULSE);
}
