/** The document of `<secure-text>`: shows one stored value, at once or after a gesture. */

import { MAYBE_TOKEN, receive, REFERENCE, settings } from "./channel.js";
import { look, MASK, serveField, Stored, takeLook } from "./field.js";

const fromPage = {
  options: { label: 1000, reveal: Boolean, remask: Number },
  show: { token: MAYBE_TOKEN },
  look,
  focus: {},
};

serveField({ session: REFERENCE }, (_, link, page) => {
  const value = document.createElement("span");
  const button = document.createElement("button");
  value.ariaLive = "polite";
  button.type = "button";
  document.body.replaceChildren(value, button);

  let token = "";
  let shown = false;
  let wanted = { label: "", reveal: false, remask: 0 };
  let timer = 0;

  // A page may ask for the gesture and the mask where the application does not; it can't waive them.
  const byGesture = () => wanted.reveal || settings.reveal === "click";
  const remaskAfter = () => Math.min(...[wanted.remask, settings.remask_after].filter(Number).map(Number));
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

  const stored = new Stored(link, {
    shown(plaintext) {
      value.textContent = plaintext;
      shown = true;
      draw();
      const seconds = remaskAfter();
      if (seconds !== Infinity) timer = setTimeout(mask, seconds * 1000);
      page.postMessage({ type: "ready" });
    },
    failed(code) {
      page.postMessage({ type: "error", code });
    },
    expired() {
      mask();
      page.postMessage({ type: "expired" });
    },
  });
  button.addEventListener("click", ({ isTrusted }) => isTrusted && (shown ? mask() : stored.show(token)));

  receive(page, fromPage, {
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
    focus: () => button.focus(),
  });
  return { focus: () => button.focus(), wipe: () => mask() };
});
