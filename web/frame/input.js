/** The document of `<secure-input>`, and any typed field. */

import { settings } from "./channel.js";
import { follow, look, MASK, serveField, takeLook } from "./field.js";
import { answer, MAYBE_TOKEN, REFERENCE, Refusal, receive } from "./messages.js";

const WORD = /^[a-z]{0,10}$/;
const common = {
  inputmode: WORD,
  enterkeyhint: WORD,
  autocomplete: /^[a-z\d -]{0,80}$/,
  placeholder: 500,
  tags: 500,
  label: 1000,
  description: 1000,
  lang: 1000,
  required: Boolean,
  disabled: Boolean,
  readonly: Boolean,
  invalid: 500,
  maxlength: Number, // 0 for none
  minlength: Number,
};
const FLAGS = /** @type {const} */ (["valueMissing", "typeMismatch", "tooLong", "tooShort"]);
/** @type {T.Rules} */
const NO_RULES = {};

const loadSeal = () =>
  import("./seal.js").catch(() => {
    throw new Refusal("unavailable");
  });

/** @type {T.ServeTyped} */
export function serveTyped(role, more, make) {
  const hello = { session: REFERENCE, validator: /^[a-z\d-]{0,32}$/, mask: WORD };
  serveField(role, hello, async (told, page, link, root) => {
    const isRuled = told.validator || told.mask;
    const rules = isRuled ? (await import("./rules.js")).rulesOf(told) : NO_RULES;
    const clock = settings.remask_after ? (await import("./remasking.js")).makeClock() : undefined;
    const drawn = document.createElement("span");
    drawn.id = "stored";
    const [input, grown] = make(drawn, page);
    root.replaceChildren(input, drawn);
    let isStored = false;
    let edits = 0;
    let changed = false;
    let timer = 0;
    /** For what is typed. @type {T.Made | undefined} */
    let made;

    /** @param {string} value */
    const draw = (value) => {
      clearTimeout(timer);
      isStored = value !== "";
      input.value = "";
      drawn.textContent = value && input.type === "password" ? MASK : value;
      input.setAttribute("aria-describedby", value && drawn.id);
      noted?.();
    };
    const clear = () => {
      stored.forget();
      draw("");
    };
    const mask = () => {
      if (isStored) draw(MASK);
    };
    const stored = follow(link, page, {
      shown(value, token) {
        draw(value || MASK);
        if (clock) timer = setTimeout(mask, clock.left(token));
      },
      mask,
    });

    const tellValidity = () => {
      const value = isStored ? "" : input.value;
      let flags = FLAGS.filter((each) => !isStored && input.validity[each]).join(" ");
      let message = flags && input.validationMessage;
      if (value && !flags && rules.accepts?.(value) === false) {
        flags = "patternMismatch";
        message = rules.message?.(input.lang) ?? "";
      }
      const empty = !isStored && !value;
      page.postMessage({ type: "validity", empty, flags, message: message.slice(0, 500) });
      grown?.(isStored);
    };

    const renew = () => {
      edits += 1;
      made = undefined;
    };
    const edited = () => {
      renew();
      if (!changed) loadSeal().catch(() => {}); // said later
      changed = true;
      tellValidity();
      page.postMessage({ type: "input", autofilled: input.matches(":autofill"), edits });
    };
    input.addEventListener("beforeinput", (event) => {
      if (isStored && event.inputType.startsWith("history")) event.preventDefault();
      else if (isStored) clear();
    });
    const noted = rules.put?.(input, root);
    input.addEventListener("input", () => {
      stored.forget();
      if (isStored) {
        const { value } = input;
        draw("");
        input.value = value;
      }
      edited();
    });

    const tellChange = () => {
      if (changed) page.postMessage({ type: "change" });
      changed = false;
    };
    input.addEventListener("change", tellChange);
    input.addEventListener("blur", tellChange); // of a removal
    input.addEventListener("keydown", ({ key, isComposing }) => {
      if (isStored && !input.readOnly && /^(?:Backspace|Delete)$/.test(key)) {
        clear();
        edited();
      }
      if (key !== "Enter" || isComposing || role !== "input") return;
      tellChange();
      page.postMessage({ type: "enter" });
    });

    /** Until it is what still stands in the box. @type {() => Promise<T.Made>} */
    const tokenize = async () => {
      if (made) return made;
      if (isStored || !input.value) throw new Refusal("edited");
      const before = edits;
      const { kind = "text" } = rules;
      const { store } = await loadSeal();
      const { token } = await store(link, input, { application: settings.application, kind });
      if (before !== edits) return tokenize();
      draw(input.value);
      made = { token, edits };
      return made;
    };

    const focus = () => input.focus({ preventScroll: true });
    const fromPage = { options: { ...common, ...more }, prefill: { token: MAYBE_TOKEN } };
    receive(
      page,
      { ...fromPage, tokenize: {}, look },
      {
        options(wanted) {
          applyOptions(input, wanted, rules);
          if (isStored && input.type === "password") drawn.textContent = MASK;
          tellValidity();
        },
        prefill({ token }) {
          renew();
          changed = false;
          stored.forget();
          draw(token && MASK);
          const isOpen = isStored && settings.reveal === "always" && !clock?.isOver(token);
          if (isOpen) stored.show(token);
          else page.postMessage({ type: "ready" });
          tellValidity();
        },
        tokenize: (_, reply) => answer(reply, tokenize()),
        look: takeLook(root),
      },
    );
    if (rules.unknown) {
      root.inert = true;
      page.postMessage({ type: "error", code: rules.unknown });
    }
    return { focus, wipe: clear };
  });
}

/** @type {(input: T.Box, told: Record<string, any>, rules: T.Rules) => void} */
function applyOptions(input, { as: type, label, description, invalid, ...told }, rules) {
  document.title = label || settings.role;
  const attributes = {
    ...told,
    type,
    inputmode: told.inputmode || rules.inputmode,
    autocomplete: told.autocomplete || rules.autocomplete || "off",
    "aria-label": label,
    "aria-description": `${invalid} ${description}`.trim(),
    "aria-invalid": Boolean(invalid),
    spellcheck: "false",
    writingsuggestions: "false",
    autocorrect: "off",
    autocapitalize: "off",
  };
  for (const [name, value] of Object.entries(attributes)) {
    if (value) input.setAttribute(name, String(value));
    else input.removeAttribute(name);
  }
}

serveTyped("input", { as: /^(?:text|password|tel|email|url|search)$/ }, () => [
  document.createElement("input"),
]);
