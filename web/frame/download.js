/** The document of `<secure-download>`. The page is told neither what a file is called nor how it goes. */

import { settings } from "./channel.js";
import { look, serveField, takeLook, untilStep } from "./field.js";
import { linkFiles } from "./filelink.js";
import { say, speak } from "./language.js";
import { readManifest } from "./manifest.js";
import { codeOf, MAYBE_TOKEN, PASSING, REFERENCE, receive } from "./messages.js";
import { readFile } from "./receive.js";
import { makeClock } from "./remasking.js";
import { make, makeVoice, percentOf } from "./rows.js";
import { makeSaver } from "./save.js";
import { pause } from "./send.js";
import { plainName, sizeInWords } from "./words.js";

const options = { label: 1000, button: Boolean, auto: Boolean, lang: 1000 };
const fromPage = { options, show: { token: MAYBE_TOKEN }, look };
const WORDS = /** @type {Record<string, string>} */ ({
  unavailable: "No connection. Try again.",
  too_many_requests: "Too many downloads. Try again in a minute.",
  download_blocked: "Too large for this browser’s settings. Allow site data, and try again.",
  ciphertext_malformed: "The stored file is damaged.",
  step_up_required: "Confirm that it is you to download this.",
});

serveField("download", { session: REFERENCE }, (_, page, link, root) => {
  const calls = linkFiles(link);
  const voice = makeVoice();
  const [start, name, size] = [make("button", "", "start"), make("bdi"), make("small")];
  const [bar, cancel, said] = [make("progress"), make("button"), make("small", "", "said")];
  const [verb, label] = [make("span"), make("span", "", "heard")];
  start.append(verb, " ", name, " ", size, " ", label);
  root.replaceChildren(start, bar, cancel, said, voice.element);
  const saver = makeSaver(root);

  let token = "";
  let told = { label: "", button: false, auto: false };
  /** @type {T.Manifest | undefined} */
  let manifest;
  let showing = new AbortController();
  /** @type {AbortController | undefined} */
  let saving;
  const clock = makeClock();
  let expiry = 0;
  let masking = 0;
  let started = "";

  const draw = (words = "", isWrong = false) => {
    const called = manifest ? plainName(manifest.name) || say("File") : "";
    verb.textContent = say(isWrong ? "Try again" : "Download");
    cancel.textContent = say("Cancel");
    verb.className = isWrong || !called ? "" : "heard";
    name.textContent = isWrong ? "" : called;
    size.textContent = manifest && !isWrong ? sizeInWords(manifest.size) : "";
    label.textContent = told.label;
    start.title = called;
    start.dataset.as = cancel.dataset.as = told.button ? "button" : "link";
    start.hidden = !token || Boolean(saving);
    bar.hidden = cancel.hidden = !saving;
    const file = called || say("File");
    bar.ariaLabel = say("Download of {name}", { name: file });
    cancel.ariaLabel = say("Cancel {name}", { name: file });
    said.textContent = said.title = words;
    said.classList.toggle("wrong", isWrong);
  };
  const forget = () => {
    showing.abort();
    saving?.abort();
    saving = manifest = undefined;
    clearTimeout(expiry);
    clearTimeout(masking);
    draw();
  };
  const mask = () => {
    manifest = undefined;
    draw(said.textContent);
  };
  const expire = () => {
    forget();
    page.postMessage({ type: "expired" });
  };

  /** Name, size and key. @param {AbortSignal} signal @param {boolean} [isWanted] by a gesture */
  const learn = async (signal, isWanted) => {
    for (let tries = 1; ; tries += 1) {
      try {
        const { expires_in, ...read } = await readManifest(link, token, settings.application);
        if (signal.aborted) return;
        manifest = read;
        clearTimeout(expiry);
        clearTimeout(masking);
        expiry = setTimeout(expire, expires_in * 1000);
        const left = clock.left(token, isWanted);
        if (left < Infinity) masking = setTimeout(mask, left);
        return draw();
      } catch (error) {
        if (signal.aborted) return;
        const code = codeOf(error);
        page.postMessage({ type: "error", code });
        if (!PASSING.test(code)) return;
        await pause(Math.min(1000 * 2 ** tries, 60_000), signal);
        if (signal.aborted) return;
      }
    }
  };

  const save = async () => {
    if (saving || !token) return;
    const mine = new AbortController();
    const focused = document.activeElement === start;
    saving = mine;
    bar.removeAttribute("value");
    draw();
    if (focused) cancel.focus();
    let words = "";
    let isWrong = false;
    try {
      if (!manifest) await learn(showing.signal, true);
      if (!manifest || mine.signal.aborted) return;
      const { size: bytes } = manifest;
      draw();
      voice.say(say("Download started"));
      const next = readFile(token, manifest, calls, mine.signal, (fraction) => {
        bar.value = fraction;
        said.textContent = percentOf(fraction);
        voice.progress(() => say("{percent} downloaded", { percent: percentOf(fraction) }));
      });
      await saver.save({ name: manifest.name, size: bytes, next }, mine);
      words = say("Downloaded");
    } catch (error) {
      if (mine.signal.aborted) words = say("Canceled");
      else {
        const code = codeOf(error);
        words = say(WORDS[code] ?? "Not available");
        isWrong = true;
        const isOver = code === "not_granted";
        // It would tell a size.
        if (code !== "download_blocked")
          page.postMessage({ type: isOver ? "error" : "problem", code });
        if (isOver) forget();
      }
    } finally {
      mine.abort();
      if (saving === mine) {
        const back = document.activeElement === cancel;
        saving = undefined;
        if (settings.reveal === "click") manifest = undefined;
        draw(words, isWrong);
        voice.say(words);
        if (back) start.focus();
      }
    }
  };

  start.addEventListener("click", (/** @type {Event} */ { isTrusted }) => isTrusted && save());
  cancel.addEventListener("click", () => saving?.abort());

  receive(page, fromPage, {
    options(given) {
      told = given;
      speak(given.lang);
      document.title = given.label || say("Download");
      draw(said.textContent);
    },
    async show(given) {
      forget();
      ({ token } = given);
      showing = new AbortController();
      const { signal } = showing;
      draw();
      const began = performance.now();
      const isClosed = settings.reveal === "click" || clock.isOver(token);
      if (token && !isClosed) await learn(signal);
      if (manifest) await untilStep(began);
      if (signal.aborted) return;
      if (manifest || !token || isClosed) page.postMessage({ type: "ready" });
      // Once for each token, and never where the operator wants a gesture.
      if (manifest && told.auto && started !== token) {
        started = token;
        save();
      }
    },
    look: takeLook(root),
  });
  function focus() {
    const target = saving ? cancel : start;
    setTimeout(
      () => document.activeElement === document.body && target.focus({ preventScroll: true }),
    );
  }
  return {
    focus,
    wipe() {
      forget();
      calls.close();
    },
  };
});
