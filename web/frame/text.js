/** The document of `<secure-text>`. */

import { settings } from "./channel.js";
import { follow, look, MASK, serveField, takeLook } from "./field.js";
import { MAYBE_TOKEN, REFERENCE, receive } from "./messages.js";

const options = { label: 1000, reveal: Boolean, remask: Number, extra: Object };

serveField("text", { session: REFERENCE }, (_, page, link, root) => {
  const value = document.createElement("span");
  value.ariaLive = "polite";
  root.replaceChildren(value);

  let token = "";
  /** @type {T.Extras | undefined} */
  let extras;
  /** @type {Promise<T.Extras> | undefined} */
  let loading;

  const load = () => {
    loading ??= import("./extras.js").then(
      ({ add }) => add({ root, link, page, mask, show }),
      () => {
        page.postMessage({ type: "wiped", code: "unavailable" });
        return new Promise(() => {}); // nothing is shown without them
      },
    );
  };
  const show = () => stored.show(token);
  const mask = () => {
    stored.forget();
    value.textContent = token && MASK;
    extras?.masked(token);
  };
  const stored = follow(link, page, {
    shown(plaintext) {
      value.textContent = extras?.dressed(plaintext) ?? plaintext;
      extras?.shown();
    },
    mask,
  });
  root.addEventListener("copy", (event) => event.preventDefault());
  // A page may ask for either, and waive neither.
  if (settings.reveal === "click" || settings.remask_after) load();

  receive(
    page,
    { options, show: { token: MAYBE_TOKEN }, look },
    {
      options(told) {
        document.title = told.label || settings.role;
        const { as, copy } = told.extra;
        if (told.reveal || told.remask || as || copy) load();
        loading?.then((each) => each.take(told));
      },
      async show(told) {
        ({ token } = told);
        mask();
        extras = await loading;
        if (token !== told.token) return;
        extras?.masked(token);
        if (token && !extras?.isClosed(token)) stored.show(token);
        else page.postMessage({ type: "ready" });
      },
      look: takeLook(root),
    },
  );
  return { focus: () => extras?.focus(), wipe: mask };
});
