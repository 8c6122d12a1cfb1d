/**
 * The document of `<secure-upload>`. Files are sealed and sent as soon as they are chosen, and become
 * tokens when the form goes. The page is told of tokens, of how far it is, and of what went wrong.
 */

import { takeDrops } from "./drops.js";
import { look, serveField, takeLook, untilStep } from "./field.js";
import { linkFiles } from "./filelink.js";
import { chosenItem, storedItem, wordsFor } from "./item.js";
import { say, speak } from "./language.js";
import { answer, REFERENCE, receive, TOKEN } from "./messages.js";
import { previewOf } from "./preview.js";
import { makeClock } from "./remasking.js";
import { make, makeVoice, percentOf } from "./rows.js";
import { turns } from "./send.js";
import { metadataOf } from "./tagged.js";
import { bytesOf } from "./words.js";

const AT_ONCE = 2; // files
const STEP = 0.05; // of progress, which the page may see
const HEIGHTS = { head: 2.25, row: 2.75, failed: 3.75 }; // em

const options = {
  accept: 1000,
  largest: 40, // as the page writes it
  lost: Boolean,
  multiple: Boolean,
  tags: 500,
  required: Boolean,
  disabled: Boolean,
  invalid: 500,
  label: 1000,
  description: 1000,
  lang: 1000,
};
const prefill = { tokens: /** @type {[RegExp]} */ ([TOKEN]) };
const fromPage = { options, prefill, tokenize: {}, look };

serveField("upload", { session: REFERENCE }, (_, page, link, root) => {
  const calls = linkFiles(link);
  const voice = makeVoice();
  const clock = makeClock();
  const [head, list] = [make("div", "", "head"), make("ul")];
  const [button, hint, input] = [make("button"), make("span"), make("input")];
  input.type = "file";
  input.hidden = true;
  head.append(button, hint, input);
  root.replaceChildren(head, list, voice.element);

  /** @type {T.Item[]} */
  let items = [];
  let told = {
    accept: "",
    largest: 0,
    lost: false,
    multiple: false,
    disabled: false,
    label: "",
    tags: "",
  };
  let step = 0;
  const turn = turns(AT_ONCE);

  const tell = () => {
    const sent = items.filter(({ file }) => file);
    const fraction = sent.reduce((sum, each) => sum + each.fraction / sent.length, 0);
    if (Math.floor(fraction / STEP) !== step) {
      step = Math.floor(fraction / STEP);
      page.postMessage({ type: "progress", fraction: Math.min(1, step * STEP) });
    }
    page.postMessage({
      type: "state",
      empty: items.length === 0,
      pending: items.some(({ token }) => !token),
      tokens: items.map(({ token }) => token).filter(Boolean),
      code: items.find(({ code }) => code)?.code ?? "",
      height: items.reduce(
        (sum, { code, file }) => sum + (code && file ? HEIGHTS.failed : HEIGHTS.row),
        HEIGHTS.head,
      ),
    });
    return fraction;
  };
  const draw = () => {
    const { multiple, disabled, lost } = told;
    const some = items.length > 0;
    const verbs = multiple ? ["Choose files…", "Add files…"] : ["Choose file…", "Replace…"];
    button.textContent = say(verbs[Number(some)] ?? "");
    list.ariaLabel = say("Files");
    button.ariaLabel = `${button.textContent} ${told.label}`.trim();
    button.disabled = disabled;
    const free = say(multiple ? "or drop them here" : "or drop it here");
    hint.textContent = lost ? say("The upload was cut off. Choose the files again.") : free;
    hint.hidden = !lost && (disabled || some);
    list.hidden = !some;
    for (const { row } of items) row.away.hidden = disabled;
  };
  const changed = () => {
    const fraction = tell();
    const busy = items.filter((each) => each.file && !each.code && each.fraction < 1);
    if (busy.length)
      voice.progress(() => say("Uploading, {percent}", { percent: percentOf(fraction) }));
  };
  /** @param {string} text */
  const edited = (text) => {
    draw();
    changed();
    page.postMessage({ type: "change" });
    voice.say(text);
  };

  /** @param {T.Item} item */
  const remove = (item) => {
    if (told.disabled) return;
    const at = items.indexOf(item);
    item.drop();
    item.row.element.remove();
    items = items.filter((each) => each !== item);
    edited(say("{name} removed", { name: item.row.name }));
    ((items[at] ?? items.at(-1))?.row.away ?? button).focus();
  };
  /** @param {string} code */
  const failed = (code) => page.postMessage({ type: "problem", code });

  /** @param {T.Item} item */
  const wrong = ({ row, code }) => `${row.name}: ${wordsFor(code, told)}`;

  /** @param {File} file */
  const add = (file) => {
    /** @type {T.Item} */
    const item = chosenItem(file, calls, told, {
      changed,
      turn,
      remove,
      done: ({ row }) => voice.say(say("{name} uploaded", { name: row.name })),
      failed(found) {
        failed(found.code);
        if (!items.includes(found)) return; // it was wrong from the start
        changed();
        voice.say(wrong(found));
      },
    });
    items.push(item);
    list.append(item.row.element);
    if (!item.code) {
      previewOf(file).then(
        (canvas) => canvas && item.row.pictured(canvas),
        () => {},
      );
    }
  };
  /** @param {File[]} files */
  const choose = (files) => {
    if (told.disabled || !files.length) return;
    const taken = told.multiple ? files : files.slice(0, 1);
    if (!told.multiple) clear();
    step = 0;
    const before = items.length;
    for (const file of taken) add(file);
    const refused = items.slice(before).filter(({ code }) => code);
    const count = taken.length;
    const name = items.at(-1)?.row.name ?? "";
    const chosen = say(count === 1 ? "{name} chosen" : "{count} files chosen", { name, count });
    edited([chosen, ...refused.map(wrong)].join(". "));
  };
  const clear = () => {
    for (const item of items) item.drop();
    items = [];
    list.replaceChildren();
  };

  button.addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    choose([...(input.files ?? [])]);
    input.value = ""; // the same file may be chosen again
  });
  takeDrops(root, {
    choose,
    wanted: () => !told.disabled,
    folder() {
      failed("file_kind");
      voice.say(say("Folders are not taken. Choose the files in it."));
    },
  });

  /** @returns {Promise<{tokens: string[]}>} */
  const keepAll = async () => {
    const all = items;
    if (all.some((each) => each.fraction < 1 && !each.code))
      voice.say(say("Waiting for the uploads"));
    const metadata = metadataOf(told.tags);
    const kept = all.map((each) =>
      each.keep(metadata).catch((error) => {
        if (items.includes(each)) throw error;
      }),
    );
    await Promise.all(kept).finally(tell);
    if (items.some(({ token }) => !token)) return keepAll();
    return { tokens: items.map(({ token }) => token) };
  };

  receive(page, fromPage, {
    options(given) {
      told = { ...given, largest: bytesOf(given.largest) };
      speak(given.lang);
      document.title = given.label || say("Files");
      Object.assign(input, { accept: given.accept, multiple: given.multiple });
      draw();
      button.ariaDescription = `${given.invalid} ${given.description}`.trim();
      root.toggleAttribute("data-invalid", Boolean(given.invalid));
    },
    async prefill({ tokens }) {
      clear();
      items = tokens.map((token) =>
        storedItem(token, link, {
          remove,
          failed,
          clock,
          expired: () => page.postMessage({ type: "expired" }),
        }),
      );
      const mine = items;
      list.replaceChildren(...items.map(({ row }) => row.element));
      draw();
      tell();
      const began = performance.now();
      await Promise.all(items.map(({ busy }) => busy));
      if (items.length) await untilStep(began);
      if (mine === items) page.postMessage({ type: "ready" });
    },
    tokenize: (_fields, reply) => answer(reply, keepAll()),
    look: takeLook(root),
  });

  // Whoever came in by the keyboard may be at another button already.
  function focus() {
    setTimeout(
      () => document.activeElement === document.body && button.focus({ preventScroll: true }),
    );
  }
  return {
    focus,
    wipe() {
      clear();
      calls.close();
    },
  };
});
