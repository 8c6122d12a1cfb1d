/** What a page's two names stand for, a validator's and a mask's; loaded where one is given. */

import { settings } from "./channel.js";
import { say } from "./language.js";
import { putMask } from "./masking.js";
import { maskNamed, maskOfData } from "./masks.js";
import { validatorNamed } from "./validators.js";

/** @type {(hello: {validator: string, mask: string}, from?: Pick<T.Settings, "validators">) => T.Rules} */
export function rulesOf({ validator: name, mask: wanted }, from = settings) {
  const validator = validatorNamed(name, from);
  const own = validator?.mask ? maskOfData(validator.mask) : undefined;
  const mask = wanted ? maskNamed(wanted) : own;
  const isKnown = mask || !wanted || wanted === "none";
  const unknown = name && !validator ? "validator_unknown" : isKnown ? "" : "mask_unknown";
  return {
    ...(validator && { accepts: validator.accepts, kind: name }),
    message: (lang) => say(validator?.message ?? "", {}, lang),
    inputmode: validator?.inputmode || (mask ?? own)?.inputmode || "",
    autocomplete: mask?.autocomplete ?? "",
    unknown,
    ...(mask && { put: (input, root) => putMask(input, mask, root) }),
  };
}
