/** The document of `<secure-text>`. */

import { MAYBE_TOKEN, REFERENCE, receive, settings } from "./channel.js";
import { follow, look, MASK, serveField, takeLook } from "./field.js";

const options = { label: 1000, reveal: Boolean, remask: Number };

serveField({ session: REFERENCE }, (_, page, link) => {
  const value = document.createElement("span");
  const button = document.createElement("button");
  value.ariaLive = "polite";
  button.type = "button";
  document.body.replaceChildren(value, button);

  let token = "";
  let shown = false;
  let wanted = { label: "", reveal: false, remask: 0 };
  let timer = 0;

  // A page may ask for the gesture and the mask, and waive neither.
  const byGesture = () => wanted.reveal || settings.reveal === "click";
  const remaskAfter = () =>
    Math.min(wanted.remask || Infinity, settings.remask_after || Infinity) * 1000;
  const draw = () => {
    button.hidden = !token || (!byGesture() && remaskAfter() === Infinity);
    button.textContent = shown ? "Hide" : "Show";
    button.ariaLabel = `${button.textContent} ${wanted.label}`.trim();
  };
  const mask = () => {
    clearTimeout(timer);
    stored.forget();
    shown = false;
    value.textContent = token && MASK;
    draw();
  };

  const stored = follow(link, {
    shown(plaintext) {
      value.textContent = plaintext;
      shown = true;
      draw();
      if (remaskAfter() < Infinity) timer = setTimeout(mask, remaskAfter());
      page.postMessage({ type: "ready" });
    },
    failed: (code) => page.postMessage({ type: "error", code }),
    expired() {
      mask();
      page.postMessage({ type: "expired" });
    },
  });
  addEventListener("copy", (event) => event.preventDefault());
  button.addEventListener("click", ({ isTrusted }) => {
    if (isTrusted && shown) mask();
    else if (isTrusted) stored.show(token);
  });

  receive(
    page,
    { options, show: { token: MAYBE_TOKEN }, look, focus: {} },
    {
      options(told) {
        wanted = told;
        document.title = told.label;
        draw();
      },
      show(told) {
        ({ token } = told);
        mask();
        if (token && !byGesture()) stored.show(token);
        else page.postMessage({ type: "ready" });
      },
      look: takeLook,
      focus: () => button.focus({ preventScroll: true }),
    },
  );
  return { focus: () => button.focus({ preventScroll: true }), wipe: mask };
});
