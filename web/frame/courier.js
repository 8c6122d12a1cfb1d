/**
 * The document that comes by way of the application where the tokenizer's cookies are lost. It hands
 * its secret to the coordinator that is there, and is gone again.
 */

const meta = /** @type {HTMLMetaElement} */ (document.querySelector("[name=lunasec-secret]"));
const message = { secret: meta.content, session: meta.dataset.session };
meta.remove();
history.replaceState(null, "", location.pathname);

for (let at = 0; at < parent.length; at += 1) {
  try {
    // Only a document of the same origin can be touched; a coordinator has its session there.
    const { location: there, document: touched } = /** @type {Window} */ (parent[at]);
    const isCoordinator = touched.documentElement.dataset.session;
    if (isCoordinator && there.pathname === location.pathname)
      parent[at]?.postMessage(message, location.origin);
  } catch {}
}

export {};
