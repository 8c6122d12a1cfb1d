/** One file of an upload's frame: chosen and on its way, or stored and named by its token. */

import { settings } from "./channel.js";
import { say } from "./language.js";
import { readManifest } from "./manifest.js";
import { codeOf, PASSING, Refusal } from "./messages.js";
import { makeRow, percentOf } from "./rows.js";
import { pause, send } from "./send.js";
import { isAccepted, sizeInWords } from "./words.js";

/** @type {(code: string, rules: T.FileRules) => string} */
export function wordsFor(code, { accept, largest }) {
  const other = say("Choose another file.");
  const limit = largest ? say("The limit is {limit}.", { limit: sizeInWords(largest) }) : other;
  const kinds = accept.replaceAll(",", ", ").replaceAll(/\s+/g, " ");
  const known = /** @type {Record<string, string>} */ ({
    file_too_large: `${say("Too large.")} ${limit}`,
    file_kind:
      `${say("Not this kind of file.")} ${kinds && say("Choose {kinds}.", { kinds })}`.trim(),
    file_empty: `${say("The file is empty.")} ${other}`,
    file_changed: say("The file changed while it was read. Choose it again."),
    file_gone: `${say("The file is no longer there.")} ${other}`,
    unavailable: say("No connection. Retry when it is back."),
    storage_full: say("No room for it at the moment. Retry later, or tell whoever runs this page."),
    too_many_requests: say("Too many uploads right now. Retry in a minute."),
  });
  return known[code] ?? say("Not stored. Retry, or choose it again.");
}

/** @type {(file: File, rules: T.FileRules) => string} the code of what is wrong with it, or nothing */
function judge(file, { accept, largest }) {
  if (!isAccepted(accept, file)) return "file_kind";
  if (largest && file.size > largest) return "file_too_large";
  return file.size ? "" : "file_empty";
}

/** @type {T.ChosenItem} */
export function chosenItem(file, calls, rules, { changed, done, failed, remove, turn }) {
  const row = makeRow({ retry: () => start(), remove: () => remove(item) });
  const sending = send(file, calls, {
    progress(fraction) {
      item.fraction = fraction;
      row.drawn({ state: "sending", fraction, words: percentOf(fraction) });
      changed();
    },
    waiting: () =>
      row.drawn({
        state: "waiting",
        fraction: item.fraction,
        words: say("Waiting for the network…"),
      }),
  });
  /** @type {T.Item} */
  const item = {
    row,
    file,
    token: "",
    code: "",
    fraction: 0,
    busy: Promise.resolve(),
    async keep(metadata) {
      await item.busy;
      if (item.code) throw new Refusal(item.code);
      try {
        item.token ||= await sending.keep(metadata);
        row.drawn({ state: "stored", words: say("Stored") });
      } catch (error) {
        if (PASSING.test(codeOf(error))) row.drawn({ state: "sent", words: say("Not stored yet") });
        else fail(error);
        throw error;
      }
    },
    drop() {
      item.code = "edited";
      if (!item.token) sending.cancel();
    },
  };
  /** @param {unknown} error */
  const fail = (error) => {
    if (item.code === "edited") return;
    const code = codeOf(error).replace(/^too_large$/, "file_too_large");
    item.code = code;
    const again = PASSING.test(code) || /^(?:not_granted|storage_full)$/.test(code);
    row.drawn({ state: "failed", words: wordsFor(code, rules), again });
    failed(item);
  };
  const run = async () => {
    await turn(async () => {
      if (item.code) return;
      row.drawn({ state: "sending", fraction: item.fraction });
      await sending.run().then(() => {
        item.fraction = 1;
        row.drawn({ state: "sent", words: say("Ready") });
        changed();
        done(item);
      }, fail);
    });
  };
  const start = () => {
    item.code = "";
    row.drawn({ state: "waiting", words: say("Waiting…") });
    item.busy = run();
    changed();
  };

  row.called(file);
  const wrong = judge(file, rules);
  if (wrong) fail(new Refusal(wrong));
  else start();
  return item;
}

/** @type {T.StoredItem} */
export function storedItem(token, link, { failed, remove, expired, clock }) {
  const row = makeRow({ retry: () => {}, remove: () => remove(item) });
  const leaving = new AbortController();
  let timer = 0;
  let tries = 0;
  /** @type {T.Item} */
  const item = {
    row,
    token,
    code: "",
    fraction: 1,
    busy: Promise.resolve(),
    keep: async () => {},
    drop() {
      leaving.abort();
      clearTimeout(timer);
    },
  };
  const mask = () => {
    row.called({ name: say("Stored file") });
    row.drawn({ state: "stored", words: "" });
  };
  const show = async () => {
    if (leaving.signal.aborted) return;
    try {
      const { name, size, expires_in } = await readManifest(link, token, settings.application);
      row.called({ name, size });
      row.drawn({ state: "stored", words: say("Stored") });
      const until = Math.min(expires_in * 1000, clock.left(token));
      timer = setTimeout(() => {
        mask();
        if (expires_in * 1000 === until) expired();
      }, until);
    } catch (error) {
      const code = codeOf(error);
      row.drawn({ state: "stored", words: say("Not available") });
      failed(code);
      tries += 1;
      if (PASSING.test(code)) pause(Math.min(1000 * 2 ** tries, 60_000), leaving.signal).then(show);
    }
  };
  mask();
  if (settings.reveal === "always" && !clock.isOver(token)) item.busy = show();
  return item;
}
