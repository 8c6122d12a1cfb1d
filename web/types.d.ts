import type { Problem } from "./elements/page.js";

// The shapes that several modules speak of. No browser loads this file.

/**
 * What a field of a message has to be: a text of at most so many characters or of a pattern, or
 * another kind of value. A list holds the check of its entries; an object is a small record of texts.
 */
export type Check = number | RegExp | [RegExp] | BooleanConstructor | NumberConstructor | ObjectConstructor;
export type Shape = Record<string, Check>;
export type Shapes = Record<string, Shape>;

type Value<C> = C extends BooleanConstructor
  ? boolean
  : C extends NumberConstructor
    ? number
    : C extends [RegExp]
      ? string[]
      : C extends number | RegExp
        ? string
        : Record<string, string>;
export type Fields<S> = { [F in keyof S]: Value<S[F]> };
export type Handlers<S> = { [T in keyof S]: (fields: Fields<S[T]>) => unknown };

/** What the tokenizer wrote into its own document. A page can tighten these rules, never loosen them. */
export interface Settings {
  readonly application: string;
  /** Whose pages may speak to the document. */
  readonly origins: readonly string[];
  readonly reveal: "always" | "click";
  /** Seconds. */
  readonly remask_after: number | null;
  readonly validators: Readonly<Record<string, { pattern: string; message: string }>>;
}

/** Both are base64url. */
export interface Sealed {
  key: string;
  ciphertext: string;
}

/** What a value is bound to, beside its own header. */
export interface Bound {
  application: string;
  kind: string;
}

export type SealedValue = Sealed & { kind: string };
/** With the grant's end, in milliseconds of the document's own clock. */
export type Reading = SealedValue & { until: number };

/** What the coordinator's session tells. */
export interface Watcher {
  /** What waits can be asked for. */
  live(): void;
  /** The page's application has to vouch for this browser. */
  bootstrap(state: string, renewal: boolean): void;
  /** The tokenizer can't be reached, and is tried again. */
  unavailable(): void;
  /** One more poll found nothing wrong. */
  alive(): void;
  /** Wipe everything. `began` tells whether there ever was a session. */
  over(code: string, began: boolean): void;
  /** Ask for what waits, which shows that the cookie came; undefined where nothing does. */
  prove(): Promise<unknown> | undefined;
}

/** What a kind of field frame does for the part that all share. */
export interface Field {
  focus(): void;
  /** Forget value, keys and buffers at once. */
  wipe(): void;
}

export interface Viewer {
  shown(value: string): void;
  failed(code: string): void;
  /** The grant ended: forget the value. */
  expired(): void;
}

export interface Validator {
  accepts(value: string): boolean;
  message: string;
  inputmode: string;
}

export interface Look {
  style: Record<string, string>;
  /** The hint's in an empty field. */
  hint: Record<string, string>;
}

/** Which application a page belongs to, and the session reference that it expects. */
export interface Identity {
  application: string;
  session: string;
}

/** For applications whose session is a header that their own scripts send. */
export interface Authentication {
  /** Answers what `GET /.lunasec/session` answers. */
  identify?: () => Promise<Identity>;
  /** Posts to `/.lunasec/session`, and gives the handle of its answer. */
  handle?: (state: string) => Promise<string>;
}

/** An element, as the page's session sees it. */
export interface Member {
  /** Make your frame. */
  open(identity: Identity, coordinator: Promise<MessagePort>): void;
  /** Your frame is worth nothing any more. */
  close(): void;
  fail(problem: Problem): void;
  recovered(over: Problem): void;
}

/** An element whose frame may hold a typed value. */
export interface Sealable extends Element {
  /** There is one, and it has no token yet. */
  pending?: boolean;
  tokenize(): Promise<void>;
}
