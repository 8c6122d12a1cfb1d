/** The document of `<secure-text>`: shows one stored value, at once or after a gesture. */

import { count, flag, maybeToken, receive, reference, text } from "./channel.js";
import { MASK, serveField, styled, takeLook } from "./field.js";
import { readSettings } from "./settings.js";
import { Stored } from "./stored.js";

const settings = readSettings();
const options = { label: text(1000), reveal: flag, remask: count };
const fromPage = { options, show: { token: maybeToken }, look: styled, focus: {} };

serveField(settings, { session: reference }, (_, link, page) => {
  const value = document.createElement("span");
  const button = document.createElement("button");
  value.setAttribute("aria-live", "polite");
  button.type = "button";
  button.addEventListener("click", (event) => event.isTrusted && toggle());
  document.body.replaceChildren(value, button);

  let token = "";
  let shown = false;
  let wanted = { label: "", reveal: false, remask: 0 };
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let masking;

  const stored = new Stored(link, settings.application, {
    shown(plaintext) {
      value.textContent = plaintext;
      shown = true;
      draw();
      const after = remaskAfter(wanted.remask);
      if (after) masking = setTimeout(mask, after * 1000);
      page.postMessage({ type: "ready" });
    },
    failed(code) {
      mask();
      page.postMessage({ type: "error", code });
    },
    expired() {
      mask();
      page.postMessage({ type: "expired" });
    },
  });

  const mask = () => {
    clearTimeout(masking);
    shown = false;
    value.textContent = token ? MASK : "";
    draw();
  };
  // A page may ask for the gesture where the application does not; it can't take it away.
  const byGesture = () => wanted.reveal || settings.reveal === "click";
  const draw = () => {
    button.hidden = !token || !(byGesture() || remaskAfter(wanted.remask));
    button.textContent = shown ? "Hide" : "Show";
    button.setAttribute("aria-label", `${button.textContent} ${wanted.label}`.trim());
  };
  const toggle = () => {
    if (!shown) return stored.show(token);
    stored.forget();
    mask();
  };

  receive(page, fromPage, {
    options(told) {
      wanted = told;
      document.title = told.label;
      draw();
    },
    show(told) {
      stored.forget();
      ({ token } = told);
      mask();
      if (token && !byGesture()) stored.show(token);
      else page.postMessage({ type: "ready" });
    },
    look: takeLook,
    focus: () => button.focus(),
  });
  page.postMessage({ type: "usable" });

  return {
    focus: () => button.focus(),
    wipe() {
      stored.forget();
      clearTimeout(masking);
      value.textContent = token = "";
    },
  };
});

/**
 * The sooner of the page's and the application's wish, in seconds; 0 for never.
 * @param {number} wanted
 */
function remaskAfter(wanted) {
  const set = settings.remask_after ?? 0;
  return wanted && set ? Math.min(wanted, set) : wanted || set;
}
