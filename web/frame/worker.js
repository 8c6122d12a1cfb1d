/**
 * The service worker of `/download/`. A frame offers a file under a random address, good for one
 * request; the answer is an attachment, and its bytes come from the frame as the browser takes them.
 * It is a script and no module, since not every browser runs workers that are modules.
 */

(() => {
  const SILENCE = 60_000; // milliseconds; a frame that is there says so more often
  const worker = /** @type {any} */ (self);
  /** @type {Map<string, {port: MessagePort, size: number, disposition: string}>} */
  const offered = new Map();
  /** @type {Map<string, () => void>} */
  const heard = new Map();

  worker.addEventListener("install", () => worker.skipWaiting());
  worker.addEventListener("message", (/** @type {MessageEvent} */ { data, ports: [port] }) => {
    if (data.alive) heard.get(data.alive)?.();
    else if (port) {
      const { id, size, disposition } = data;
      offered.set(id, { port, size, disposition });
      port.postMessage("offered");
    }
  });
  worker.addEventListener("fetch", (/** @type {any} */ event) => {
    const { request } = event;
    const id = new URL(request.url).pathname.slice("/download/".length);
    const file = offered.get(id);
    if (!file || request.mode !== "navigate" || request.method !== "GET") return;
    offered.delete(id);
    event.respondWith(answer(id, file));
  });

  /** @type {(id: string, file: {port: MessagePort, size: number, disposition: string}) => Response} */
  function answer(id, { port, size, disposition }) {
    let timer = 0;
    let pulled = () => {};
    const over = () => {
      clearTimeout(timer);
      heard.delete(id);
    };
    const body = new ReadableStream({
      start(controller) {
        const fail = () => {
          over();
          controller.error(new Error("the file ended early"));
          pulled();
        };
        const hear = () => {
          clearTimeout(timer);
          timer = setTimeout(fail, SILENCE);
        };
        heard.set(id, hear);
        hear();
        port.addEventListener("close", fail);
        port.onmessage = ({ data }) => {
          hear();
          if (data.bytes) controller.enqueue(data.bytes);
          else if (data.end) {
            over();
            controller.close();
          } else fail();
          pulled();
        };
      },
      pull() {
        port.postMessage("pull");
        return new Promise((resolve) => {
          pulled = () => resolve(undefined);
        });
      },
      cancel() {
        over();
        port.postMessage("cancel");
      },
    });
    return new Response(body, {
      headers: {
        "Cache-Control": "no-store",
        "Content-Disposition": disposition,
        "Content-Length": String(size),
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Content-Type": "application/octet-stream",
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
      },
    });
  }
})();
