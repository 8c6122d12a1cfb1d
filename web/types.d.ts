// What the modules of the browser promise one another. No browser loads this file;
// to the type checker it is `T` everywhere.

export as namespace T;

import type { SecureElement } from "./elements/element.js";
import type { SecureInput } from "./elements/input.js";
import type { Problem } from "./elements/page.js";
import type { Seat } from "./elements/seat.js";

// --- Messages (frame/messages.js, frame/channel.js) -------------------------------------------------------------

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

/** Whether a value, or each of a list, is what a field of a message has to be. */
export type Passes = (value: any, check: any) => boolean;
export type All = (values: any[], check: any, most: number) => boolean;

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
  /** Which document this is. */
  readonly role: string;
  /** Whose pages may speak to the document. */
  readonly origins: readonly string[];
  /** Whether an auth proxy vouches on each request. */
  readonly proxied?: boolean;
  readonly reveal: "always" | "click";
  /** Seconds. */
  readonly remask_after: number | null;
  readonly validators: Readonly<Record<string, Declared>>;
  /** By language, in small letters, and then by the English phrase. */
  readonly words?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** What stands in a phrase's braces, by name. */
export type Say = (
  phrase: string,
  values?: Record<string, string | number>,
  language?: string,
) => string;

// --- Values (frame/field.js, frame/seal.js) --------------------------------------------------

// The envelope: version, suite, value id, nonce, then buckets of UTF-8, 0x80 and zeros (ISO/IEC 7816-4)
// under AES-256-GCM, and the tag. Fields of associated data stand behind their lengths.

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

/** What AES-256-GCM is told of an envelope, and a key that can do one thing. */
export type Gcm = (envelope: Uint8Array<ArrayBuffer>, bound: Bound) => AesGcmParams;
export type KeyOf = (raw: Uint8Array<ArrayBuffer>, usage: KeyUsage) => Promise<CryptoKey>;

export type SealedValue = Sealed & { kind: string };
/** With the grant's end, in milliseconds of the document's own clock. */
export type Reading = SealedValue & { until: number };

// --- The coordinator (frame/session.js, frame/coordinator.js) --------------------------------

/** What the session tells. */
export interface Watcher {
  /** What waits can be asked for. */
  flush(): void;
  /** Say to the page how it stands, or that its application has to vouch for this browser. */
  tell(message: object): void;
  /** One more poll found nothing wrong, or nobody who could say. */
  alive(): void;
  /** Wipe everything. */
  wipe(code: string): void;
  /** Ask for what waits, which shows that the cookie came; undefined where nothing does. */
  prove(): Promise<unknown> | undefined;
}

export interface Session {
  status: "starting" | "live" | "over";
  /** Why it is over. */
  code: string;
  /** Post on behalf of the session, and act on what the answer says of it. Rejects with a `Refusal`. */
  post(path: string, body: object): Promise<any>;
  /** What takes a request to the tokenizer, as `fetch` does; where there are no cookies, signed. */
  send(path: string, how: any): Promise<Response>;
  /** The application vouched for this browser; `handle` is what it gave to a page's script. */
  bootstrapped(handle?: string): Promise<void>;
  over(code: string): void;
}

/** What is signed of a request. */
export interface SignedRequest {
  method: string;
  /** With its query. */
  path: string;
  body: string | ArrayBuffer;
  session: string;
  counter: number;
}

/** A document's own key, and how many requests it signed. */
export interface Signer {
  key: CryptoKey;
  name: Uint8Array<ArrayBuffer>;
  counter: number;
}

/** Say that it is over, or ask again without cookies; `before` tells whether that was tried. */
export type Lost = (before: unknown, again: () => Promise<any>) => Promise<any>;

/** Go on without cookies: by a document that comes by way of the application. */
export type GoRound = (session: Session, reference: string, watcher: Watcher) => Promise<void>;

/** Keep to one session of an application for the life of the document. */
export type StartSession = (reference: string, watcher: Watcher) => Session;

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

/** Of a batch that was refused with that code, give what is to be asked for anew; refuse the rest. */
export type OthersOf = <A extends { token?: string; reject: (reason: unknown) => void }>(
  batch: A[],
  code: string,
) => Promise<A[][] | undefined>;

/** Split at the tokenizer's limits a request, in order. */
export type Split = <T>(all: T[], sizeOf: (each: T) => number) => T[][];

// --- Fields (frame/field.js, frame/input.js, frame/text.js) ----------------------------------

/** What a kind of field does for the part that all share. */
export interface Field {
  focus(): void;
  /** Forget value, keys and buffers at once. */
  wipe(): void;
}

/** Build a field in `root`. `page` leads to its element, `link` to the coordinator. */
export type BuildField = (
  told: any,
  page: MessagePort,
  link: Link,
  root: HTMLElement,
) => Field | Promise<Field>;
export type Kinds = Record<string, { hello: Shape; build: BuildField }>;

/** Say something to the element of a group's field. */
export type TellOf = (id: number, message: object, ports?: Transferable[]) => void;

/** Know a kind of field; in a document of its own, serve one for the life of the document. */
export type ServeField = (role: string, hello: Shape, build: BuildField) => void;

/** Find the coordinator that is pinned to a session. Undefined where the page has none. */
export type LinkUp = (session: string, ended: (code: string) => void) => Link | undefined;

/** The way to the coordinator; a group's asks for many values at once. */
export type Link = MessagePort & { read?: ReadValue };
export type ReadValue = (token: string) => Promise<SealedValue & { expires_in: number }>;
export type MakeReader = (link: MessagePort) => ReadValue;

/** Take what comes in one turn at once. */
export type Together = (take: (all: any[]) => void) => (each: any) => void;

export interface Viewer {
  shown(value: string, token: string): void;
  /** The grant ended: forget the value. */
  mask(): void;
}

/** Knows for how many more milliseconds each value may stand open; `anew` after a gesture. */
export type MakeClock = () => {
  isOver(token: string): boolean;
  left(token: string, anew?: boolean): number;
};

/** Wait for the end of a step that began with a time on the document's clock. */
export type UntilStep = (since: number) => Promise<void>;

/** How a value is written; `copy` is there where it may go to the clipboard. */
export interface Extra {
  as?: string;
  lang?: string;
  copy?: string;
}

/** What `<secure-text>` does beyond showing its value. */
export interface Extras {
  /** The value waits for a gesture: its operator or its page wants one, or its time is up. */
  isClosed(token: string): boolean;
  take(options: any): void;
  dressed(plaintext: string): string;
  shown(): void;
  masked(token: string): void;
  focus(): void;
}

export type AddExtras = (field: {
  root: HTMLElement;
  link: Link;
  page: MessagePort;
  mask(): void;
  show(): void;
}) => Extras;

/** One stored value on its way into a frame: read, opened, and ended with its grant. */
export type Follow = (
  link: Link,
  page: MessagePort,
  viewer: Viewer,
) => {
  show(token: string): Promise<void>;
  /** Drop what is under way. */
  forget(): void;
};

/** A validator of the operator's own, as the configuration has it. A date is written as ISO 8601. */
export interface Declared {
  readonly pattern?: string;
  readonly message: string;
  readonly minimum?: number | string;
  readonly maximum?: number | string;
  readonly checksum?: string;
  readonly mask?: string;
  readonly inputmode?: string;
}

export interface Validator {
  accepts(value: string): boolean;
  message: string;
  /** The name of a built-in mask, or the operator's data. */
  mask?: string;
  inputmode?: string;
}

/** Find a validator: the operator's, or else a built-in one. Undefined where nobody knows the name. */
export type ValidatorNamed = (
  name: string,
  from?: Pick<Settings, "validators">,
) => Validator | undefined;

/** A kind of payment card. `mask` has room for the longest number. */
export interface Brand {
  name: string;
  prefix: RegExp;
  lengths: number[];
  mask: string;
}

/** One place of a mask: for a character of some kind, or with one of its own. */
export interface Place {
  slot: string;
  literal: string;
}

export interface Mask {
  /** The mask for what is typed so far; "" where it is not grouped, and `free` says what may stand there. */
  mask(text: string): string;
  free?: RegExp;
  capitals?: boolean;
  inputmode?: string;
  autocomplete?: string;
  /** A word beside the field, for the person alone. */
  note?(text: string): string;
}

export interface Edited {
  text: string;
  caret: number;
}
export type EditMasked = (
  mask: Mask,
  text: string,
  start: number,
  end: number,
  inserted: string,
) => Edited;
/** `step` is -1 for Backspace and 1 for Delete. */
export type DeleteMasked = (mask: Mask, text: string, caret: number, step: -1 | 1) => Edited;
export type PlanMasked = (input: Box, mask: Mask, event: InputEvent) => Edited | undefined;

/** Put a mask on a field. Gives what to call when a script changed its text. */
export type PutMask = (input: Box, mask: Mask, root: HTMLElement) => () => void;

/** The box that is typed into; of a textarea only what both have is used. */
export type Box = HTMLInputElement;

/** A token, and how often its text had been edited by then. */
export interface Made {
  readonly token: string;
  readonly edits: number;
}

/** What holds for a typed value by the names that the page gave. */
export interface Rules {
  accepts?(value: string): boolean;
  /** What is wrong, in a language. */
  message?: (language: string) => string;
  kind?: string;
  inputmode?: string;
  autocomplete?: string;
  /** The code for a name that nobody knows, or "". */
  unknown?: string;
  put?(input: Box, root: HTMLElement): () => void;
}

/**
 * Serve a kind of typed field. The page is told nothing of a *stored* value, of a typed one what a
 * native field tells, until it has a token. The first edit removes a stored one whole. It is over the
 * box, not in it: a page scrolls along with a caret, by as much as a value is wide.
 *
 * `more` are options of its own; `make` gives its box, and what to call when the text, or whether it
 * is a stored one, may have changed.
 */
export type ServeTyped = (
  role: string,
  more: Shape,
  make: (drawn: HTMLElement, page: MessagePort) => [Box, ((isStored: boolean) => void)?],
) => void;

export interface Look {
  style: Record<string, string>;
  /** The hint's in an empty field, `::part(placeholder)`. */
  hint: Record<string, string>;
}

/** Whether a property of a style may have that value. */
export type IsAllowed = (name: string, value: string) => boolean;

/** What draws a field's root in the look that its page sends. */
export type TakeLook = (root: HTMLElement) => (look: Look) => void;

/** Set the allowed part of a style, and take away what is gone or was never allowed. */
export type ApplyStyle = (
  element: HTMLElement,
  style: Record<string, string>,
  prefix?: string,
) => void;

// --- Files (frame/stream.js, frame/manifest.js, frame/files.js, frame/send.js, frame/receive.js) -----------

export type Bytes = Uint8Array<ArrayBuffer>;
export type Fill = (bytes: Bytes) => Bytes;

/** Where the segments of a file begin and end. */
export type Layout = (size: number) => {
  count: number;
  /** Bytes of the whole sealed stream. */
  sealed: number;
  /** What a segment holds of the padded file; its first `kept` bytes are the file's. */
  at(index: number): { start: number; end: number; kept: number };
};

export type DeriveKey = (
  main: Bytes,
  header: Bytes,
  application: string,
  usage: KeyUsage,
) => Promise<CryptoKey>;

/** What a stream is bound to, and how many bytes of it are the file. */
export interface Stream {
  application: string;
  size: number;
}

/**
 * Begin a stream under a key of its own. The function seals one segment, in any order; where `bytes`
 * are not as many as the file has there, it refuses with `file_changed`.
 */
export type SealStream = (
  main: Bytes,
  stream: Stream,
  fill?: Fill,
) => Promise<(index: number, bytes: Bytes) => Promise<Bytes>>;

/**
 * Open a stream from its first segment on, each with the next call, into the file's bytes alone.
 * `ciphertext_malformed` is all that is said of a segment that does not belong there; none is opened
 * after it.
 */
export type OpenStream = (main: Bytes, stream: Stream) => (sealed: Bytes) => Promise<Bytes>;

/** What a file's value holds. */
export interface Manifest {
  name: string;
  /** Media type, or nothing. */
  type: string;
  size: number;
  key: Bytes;
}
export type SealManifest = (manifest: Manifest, application: string) => Promise<Sealed>;

/** Read and open what a token stands for; `expires_in` are seconds to the end of its grant. */
export type ReadManifest = (
  link: Link,
  token: string,
  application: string,
) => Promise<Manifest & { expires_in: number }>;

/** What a frame asks of the coordinator. Each call rejects with a `Refusal`. */
export interface FileCalls {
  plan(size: number): Promise<{ upload: string }>;
  send(upload: string, index: number, bytes: Bytes): Promise<void>;
  /** First and last of each run of segments that the tokenizer does not have. */
  missing(upload: string): Promise<[number, number][]>;
  drop(upload: string): void;
  keep(upload: string, manifest: Sealed, metadata: Metadata): Promise<{ token: string }>;
  read(token: string, segment: number): Promise<Bytes>;
  /** Drop whatever is unfinished. */
  close(): void;
}
export type LinkFiles = (link: Link) => FileCalls;
export type CallFiles = <S extends Shape>(
  question: object,
  shape: S,
  buffers?: ArrayBuffer[],
) => Promise<Fields<S>>;
/** Serve one frame's files in the session's name, for the life of the document. */
/** Serve frames on a port of their own, for what few of them do. */
export type ServePort = (
  port: MessagePort | undefined,
  session: Session,
  reference: string,
  claim: ReadValue,
  offer: (value: SealedValue, reply?: MessagePort) => void,
) => void;

/** What a page says of a value when it is stored, by name; policies may ask for it. */
export type Metadata = Record<string, string>;
export type MetadataOf = (tags: string) => Metadata;
/** Seal what stands in a box, and have it kept. */
export type Store = (link: Link, box: Box, bound: Bound) => Promise<{ token: string }>;
export type StoreTagged = (
  link: Link,
  sealed: SealedValue,
  tags: string,
) => Promise<{ token: string }>;

/** One upload at the tokenizer, and what is left to send. */
export interface Transfer {
  upload: string;
  key: Bytes;
  seal: (index: number, bytes: Bytes) => Promise<Bytes>;
  /** Of segments that were sealed once. */
  tags: string[];
  left: number[];
}
/** Read, seal and send a file. */
export type Send = (
  file: File,
  calls: FileCalls,
  tell: { progress(fraction: number): void; waiting(): void },
) => {
  /** Until all of it is there, or it can't be; again to take it up where it was. */
  run(): Promise<void>;
  /** Have a token for it. */
  keep(metadata: Metadata): Promise<string>;
  cancel(): void;
};
/** Read a file from its beginning: each call gives the next bytes, or nothing at its end. */
export type ReadFile = (
  token: string,
  manifest: Manifest,
  calls: FileCalls,
  signal: AbortSignal,
  progress: (fraction: number) => void,
) => () => Promise<Bytes | undefined>;

export interface Saved {
  name: string;
  size: number;
  next: () => Promise<Bytes | undefined>;
}
export type MakeSaver = (root: HTMLElement) => {
  /** Until all of it was handed to the browser. `leaving` is aborted where the browser gives up. */
  save(file: Saved, leaving: AbortController): Promise<void>;
};
export type SaveByWorker = (
  file: Saved,
  worker: ServiceWorker,
  frame: HTMLIFrameElement,
  leaving: AbortController,
) => Promise<void>;

// --- Uploads (frame/upload.js, frame/item.js, frame/rows.js) --------------------------------

/** What the page takes. */
export interface FileRules {
  accept: string;
  /** Bytes; 0 for no limit. */
  largest: number;
}

export interface Row {
  readonly element: HTMLElement;
  readonly away: HTMLButtonElement;
  readonly name: string;
  called(file: { name: string; size?: number }): void;
  pictured(canvas: HTMLCanvasElement): void;
  drawn(how: {
    state: "waiting" | "sending" | "sent" | "stored" | "failed";
    words?: string;
    fraction?: number;
    /** It can be tried again. */
    again?: boolean;
  }): void;
}
export type MakeRow = (verbs: { retry(): void; remove(): void }) => Row;

export type MakeVoice = () => {
  readonly element: HTMLElement;
  say(text: string): void;
  /** Say it unless something was said just now. */
  progress(text: () => string): void;
};

export interface Item {
  readonly row: Row;
  /** Of a chosen one. */
  readonly file?: File;
  token: string;
  /** What is wrong with it. */
  code: string;
  /** How much of it is sent. */
  fraction: number;
  /** Until nothing is under way. */
  busy: Promise<void>;
  /** Have a token; rejects with a `Refusal`. */
  keep(metadata: Metadata): Promise<void>;
  drop(): void;
}
export type ChosenItem = (
  file: File,
  calls: FileCalls,
  rules: FileRules,
  told: {
    changed(): void;
    done(item: Item): void;
    failed(item: Item): void;
    remove(item: Item): void;
    turn: Turn;
  },
) => Item;
export type StoredItem = (
  token: string,
  link: Link,
  told: {
    failed(code: string): void;
    remove(item: Item): void;
    expired(): void;
    /** How long its name may stand there. */
    clock: ReturnType<MakeClock>;
  },
) => Item;

/** Do a piece of work when it is its turn. */
export type Turn = (work: () => Promise<void>) => Promise<void>;
export type TakeDrops = (
  root: HTMLElement,
  told: { choose(files: File[]): void; folder(): void; wanted(): boolean },
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

/** `isOver` tells whether the field was set or reset meanwhile; `edits` counts those of its frame. */
export type TokenFor = (
  field: SecureInput,
  isOver: () => boolean,
) => Promise<{ token: string; edits: number } | undefined>;

/** Have the application vouch for a coordinator, which is told of it, or of why not. */
export type Vouch = (
  state: string,
  renewal: boolean,
  port: MessagePort,
  identity: Identity | undefined,
  fail: (problem: Problem) => void,
) => Promise<void>;

/** An element, as the page's session sees it. */
export interface Member {
  /** Make your frame. */
  open(identity: Identity, coordinator: Promise<MessagePort>): unknown;
  /** Your frame is worth nothing any more. */
  close(): void;
  fail(problem: Problem): void;
  recovered(over: Problem): void;
}

/** Give a class properties that stand for attributes, each of its own name or of the one that is given. */
export type Reflect = (
  of: { prototype: HTMLElement },
  names: string,
  read: (attribute: string | null) => unknown,
  attribute?: string,
) => void;

export interface Sized {
  rows: number;
  cols: number;
  maxRows: number;
}

/** What of the page's computed styles a frame takes over: a host's, and its hint's. */
export interface Names {
  properties: string[];
  hinted: string[];
}

/** Attach an element's shadow tree: a box that a frame fills, a hint, and a place for words. */
export type MakeShadow = (
  host: HTMLElement,
  isField: boolean,
  delegatesFocus: boolean,
) => { box: HTMLElement; hint: HTMLElement | false; message: HTMLElement };

/** Read computed styles by their names, each cut to what a frame takes. */
export type ReadStyle = (element: Element, names: string[]) => Record<string, string>;

export type LookOf = (host: SecureElement, names: Names) => Look;

/** Have something done once a frame of the screen, while an element is on it. Gives how many are. */
export type Watch = (host: Element, look: () => void) => number;

/** Find the group whose frame an element is in, out of slots and shadow trees. */
export type GroupOf = (host: SecureElement) => Group | undefined;

/** Give the page's words for an element: what labels and attributes say. */
export type Describe = (host: HTMLElement & { internals: ElementInternals }) => {
  label: string;
  description: string;
  lang: string;
};

/** Speak with a frame that has loaded, and try it again if it does not answer. */
export type Meet = (
  iframe: HTMLIFrameElement,
  session: string,
  coordinator: Promise<unknown>,
) => Promise<void>;

/** Have the tokenizer asked for the tokens, parted by spaces, that an element will show. */
export type Announce = (element: Element, shown: string) => void;

/** Announce for the elements within whose module is still on its way. */
export type Foretell = (within: ParentNode) => void;

/** Tell all elements; `restart` where the coordinator does not try again itself. */
export type Fail = (problem: Problem, restart?: boolean) => void;

/** Make a frame of a role; `src` leads there where it is not at the document's own address. */
export type MakeFrame = (application: string, role: string, src?: string) => HTMLIFrameElement;

/** Say in place of all elements of a kind within that their module did not come, and try again. */
export type Miss = (name: string, within: Document) => void;

/** Hold a state for the page's `:state()`, or no longer. */
export type State = (name: string, on: boolean) => void;

/** Dispatch an event of the element's own. */
export type Tell = (type: string, detail?: object) => void;

/** The form's value comes back: from the history, or as what the browser filled in. */
export type Restore = (state: string, reason: string) => void;

/** Hear what a frame says by its port. */
export type Attend = (port: MessagePort, iframe: Frame) => void;

/** Make what tells a frame of each look that is new. */
export type Following = (host: SecureElement, names: Names) => () => void;

/** A frame, as its element uses it; in a group, a field's part of one. */
export type Frame = Pick<HTMLIFrameElement, "focus" | "blur" | "remove" | "classList">;

/** `<secure-group>`, as the fields inside see it. */
export interface Group extends HTMLElement {
  /** Take a field in: it is attended to as soon as the group's frame is usable. */
  admit(field: SecureElement): void;
}

/** Where a group's frame begins in the window, and how many pixels there are one of its own. */
export interface Origin {
  x: number;
  y: number;
  scale: number;
}

/**
 * Find the fields of a group and all that Tab stops at, in the order of the document. `edges` has the
 * fields among the stops, with the sides at which something of the page's is next, and those that are
 * hidden. Without any stop but hidden ones nobody gets into the frame.
 */
export type OrderOf = (
  group: Element,
  members: { has(field: any): boolean },
  gestures: boolean,
) => {
  fields: SecureElement[];
  stops: HTMLElement[];
  edges: Map<SecureElement, number>;
  isReached: boolean;
};

/** Give the number of a seat's look, by those that were read already. */
export type Resembles = (seat: Seat, alike: Map<string, number>) => number;

export type GoOn = (field: SecureElement | undefined, back: boolean) => void;

/** An element whose frame may hold a typed value. */
export interface Sealable extends Element {
  /** There is one, and it has no token yet. */
  pending?: boolean;
  tokenize(): Promise<void>;
  fail(problem: Problem): void;
}
