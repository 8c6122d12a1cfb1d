// What the modules of the browser promise one another. No browser loads this file.

import type { Problem } from "./elements/page.js";

// --- Messages (frame/channel.js) -------------------------------------------------------------

/**
 * What a field of a message has to be: a text of at most so many characters or of a pattern, or
 * another kind of value. A list holds the check of its entries; an object is a small record of texts.
 */
export type Check =
  | number
  | RegExp
  | [RegExp]
  | BooleanConstructor
  | NumberConstructor
  | ObjectConstructor;
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

/** `reply` is the port that came with a question. */
export type Handlers<S> = {
  [T in keyof S]: (fields: Fields<S[T]>, reply: MessagePort | undefined) => unknown;
};

/** Read one message, or give undefined where it differs from every shape. */
export type Parse = (data: any, shapes: Shapes) => { type: string; fields: any } | undefined;

/** Take the messages of a port, each to the handler of its type. */
export type Receive = <S extends Shapes>(
  port: MessagePort,
  shapes: S,
  handlers: Handlers<S>,
) => void;

/** Ask over a port. Resolves with the one answer of that shape, or rejects with a `Refusal`. */
export type Ask = <S extends Shape>(
  port: MessagePort,
  question: object,
  shape: S,
) => Promise<Fields<S>>;

/** Answer a question with what a promise comes to, or with the code of its `Refusal`. */
export type Answer = (reply: MessagePort | undefined, promise: Promise<object>) => Promise<void>;

/**
 * Wait for the page's hello, of that shape, and answer it with a port. Only the parent is heard, and
 * only by an origin of the settings; only once, so a document is pinned to that hello's session.
 */
export type AwaitHello = (shape: Shape, accepted: (hello: any, page: MessagePort) => void) => void;

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

// --- Values (frame/envelope.js) --------------------------------------------------------------

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

/**
 * Seal a value under a new key of its own; over 64 KiB of UTF-8 it is refused as `too_large`. `fill`
 * makes random bytes; only test vectors bring another.
 */
export type Seal = (
  value: string,
  bound: Bound,
  fill?: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>,
) => Promise<Sealed>;

/** Open a sealed value; `ciphertext_malformed` is all that is said of one that `seal` did not make. */
export type Open = (sealed: Sealed, bound: Bound) => Promise<string>;

export type SealedValue = Sealed & { kind: string };
/** With the grant's end, in milliseconds of the document's own clock. */
export type Reading = SealedValue & { until: number };

// --- The coordinator (frame/session.js, frame/coordinator.js) --------------------------------

/** What the session tells. */
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

export interface Session {
  status: "starting" | "live" | "over";
  /** Why it is over. */
  code: string;
  /** Post on behalf of the session, and act on what the answer says of it. Rejects with a `Refusal`. */
  post(path: string, body: object): Promise<any>;
  /** The application vouched for this browser; `handle` is what it gave to a page's script. */
  bootstrapped(handle?: string): Promise<void>;
  over(code: string): void;
}

/** Keep to one session of an application for the life of the document. */
export type StartSession = (application: string, reference: string, watcher: Watcher) => Session;

/** A token that frames want to read. `claims` counts the frames that were announced. */
export type Wanted = PromiseWithResolvers<Reading> & {
  token: string;
  claims: number;
  asked: boolean;
};
export type Offered = PromiseWithResolvers<{ token: string }> & { value: SealedValue };

/** Post batch by batch, and settle each member by its place in the answer. */
export type PostBatches = <A extends PromiseWithResolvers<any>>(
  path: string,
  batches: A[][],
  body: (batch: A[]) => object,
) => Promise<unknown>;

/** Split at the tokenizer's limits a request, in order. */
export type Split = <T>(all: T[], sizeOf: (each: T) => number) => T[][];

// --- Fields (frame/field.js, frame/input.js, frame/text.js) ----------------------------------

/** What a kind of field does for the part that all share. */
export interface Field {
  focus(): void;
  /** Forget value, keys and buffers at once. */
  wipe(): void;
}

/** Serve one field for the life of the document. `link` leads to the coordinator. */
export type ServeField = (
  hello: Shape,
  build: (told: any, page: MessagePort, link: MessagePort) => Field,
) => void;

/** Find the coordinator that is pinned to a session. Undefined where the page has none. */
export type LinkUp = (session: string, ended: (code: string) => void) => MessagePort | undefined;

export interface Viewer {
  shown(value: string): void;
  failed(code: string): void;
  /** The grant ended: forget the value. */
  expired(): void;
}

/** One stored value on its way into a frame: read, opened, and ended with its grant. */
export type Follow = (
  link: MessagePort,
  viewer: Viewer,
) => {
  show(token: string): Promise<void>;
  /** Drop what is under way. */
  forget(): void;
};

export interface Validator {
  accepts(value: string): boolean;
  message: string;
  inputmode?: string;
}

/** Find a validator: the operator's, or else a built-in one. Undefined where nobody knows the name. */
export type ValidatorNamed = (
  name: string,
  from?: Pick<Settings, "validators">,
) => Validator | undefined;

export interface Look {
  style: Record<string, string>;
  /** The hint's in an empty field, `::part(placeholder)`. */
  hint: Record<string, string>;
}

/** Set the allowed part of a style, and take away what is gone or was never allowed. */
export type ApplyStyle = (
  element: HTMLElement,
  style: Record<string, string>,
  prefix?: string,
) => void;

// --- The page (elements/*) -------------------------------------------------------------------

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

export interface Watched {
  host: Element;
  hint: Element;
  look(look: Look): void;
  seen: string;
}

/** An element whose frame may hold a typed value. */
export interface Sealable extends Element {
  /** There is one, and it has no token yet. */
  pending?: boolean;
  tokenize(): Promise<void>;
}
