/** Values with tags, by which the tokenizer's policies tell them apart; loaded when one is stored. */

import { ask, Refusal, receive, TOKEN } from "./messages.js";

const shapes = { store: { key: 64, ciphertext: 100_000, kind: 32, metadata: Object } };
const MOST = 16;
const CUT_OFF = 500; // characters of the attribute; of one that is longer some are lacking
const LONGEST = 256;

/** Read tags as a page writes them, `name=value; name=value`. @type {T.MetadataOf} */
export function metadataOf(tags) {
  const pairs = tags.split(";").filter((each) => each.trim());
  const read = pairs.map((each) => {
    const [, name = "", value = ""] = /^([^=]*)=(.*)$/s.exec(each) ?? [];
    return [name.trim(), value.trim()];
  });
  const found = Object.fromEntries(read);
  const whole = tags.length < CUT_OFF && read.length <= MOST;
  const sound = read.every((pair) =>
    pair.every((each) => each && each.length <= LONGEST && each.isWellFormed()),
  );
  // A name that is there twice would be two answers to one question.
  if (!whole || !sound || Object.keys(found).length < read.length)
    throw new Refusal("tags_malformed");
  return found;
}

/** The frame's part. @type {T.StoreTagged} */
export function storeTagged(link, sealed, tags) {
  const metadata = metadataOf(tags);
  const { port1, port2 } = new MessageChannel();
  link.postMessage({ type: "serve", module: "tagged" }, [port2]);
  return ask(port1, { type: "store", ...sealed, metadata }, { token: TOKEN });
}

/** The coordinator's part. @type {T.ServePort} */
export function serve(port, _session, _reference, _claim, offer) {
  if (port) receive(port, shapes, { store: offer });
}
