/**
 * The one moment at which a window message counts. A page that may embed this document says hello
 * and gets a port; from then on only the port counts, and every further hello is ignored. A frame
 * is pinned to the session reference of that hello for the life of its document.
 */

import { parse } from "./channel.js";

/** @import { Fields, Shape } from "./channel.js" */

/**
 * Wait for the page's hello and answer it with a port.
 * @template {Shape} S
 * @param {readonly string[]} origins
 * @param {S} shape what this kind of frame has to be told
 * @param {(hello: Fields<S>, port: MessagePort) => void} accepted
 */
export function awaitHello(origins, shape, accepted) {
  /** @param {MessageEvent} event */
  const listen = (event) => {
    // The parent alone, and by its own origin: neither an opener nor another frame of the page, nor
    // a page that this document was once allowed in and is no longer.
    if (event.source !== parent || parent === window || !origins.includes(event.origin)) return;
    const message = parse(event.data, { hello: shape });
    if (!message) return;
    removeEventListener("message", listen);
    const { port1, port2 } = new MessageChannel();
    accepted(/** @type {any} */ (message.fields), port1);
    parent.postMessage({ type: "welcome" }, event.origin, [port2]);
  };
  addEventListener("message", listen);
}
