/** What TypeScript knows of the elements, in plain pages and in React and Vue. */

/** Why an element shows nothing; `code` is one of README.md's table. */
export interface SecureErrorDetail {
  readonly code: string;
  readonly message: string;
  readonly docs: string;
}

/** Events that all elements fire, beside the native ones. None carries a value. */
export interface SecureEventMap {
  /** The frame is usable, and shows what it has to. */
  "secure-ready": CustomEvent<null>;
  "secure-error": CustomEvent<SecureErrorDetail>;
  /** The grant ended; grant the token anew, and call `refresh()`. */
  "secure-expired": CustomEvent<null>;
}

/** What an upload fires besides; `fraction` is of all files that were chosen. */
export interface SecureUploadEventMap extends SecureEventMap {
  "secure-progress": CustomEvent<{ readonly fraction: number }>;
}

declare class SecureElement extends HTMLElement {
  /** What is wrong, or nothing. */
  readonly problem: (Error & SecureErrorDetail) | undefined;
  /** Ask again, after the application granted the token anew. */
  refresh(): void;
  addEventListener<K extends keyof SecureEventMap>(
    type: K,
    listener: (this: this, event: SecureEventMap[K]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener<K extends keyof HTMLElementEventMap>(
    type: K,
    listener: (this: this, event: HTMLElementEventMap[K]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void;
}

/** What a form's control has; `value` is a token, never what was typed. */
declare class SecureControl extends SecureElement {
  /** The token; empty while nothing is there, or what was typed has none yet. */
  value: string;
  /** The token that the control begins with, and goes back to at a reset. */
  defaultValue: string;
  /** Whether something was typed that has no token yet. */
  readonly pending: boolean;
  name: string;
  /** What is said of a value when it is stored, `name=value; name=value`; it is kept unsealed. */
  tags: string;
  disabled: boolean;
  required: boolean;
  readonly type: string;
  /** Setting it names a form by its id, as the attribute does. */
  get form(): HTMLFormElement | null;
  set form(id: string);
  readonly labels: NodeList;
  readonly validity: ValidityState;
  readonly validationMessage: string;
  readonly willValidate: boolean;
  checkValidity(): boolean;
  reportValidity(): boolean;
  setCustomValidity(message: string): void;
}

/** A control that is typed into. */
declare class SecureField extends SecureControl {
  placeholder: string;
  readOnly: boolean;
  autocomplete: string;
  /** -1 where there is none. */
  maxLength: number;
  /** -1 where there is none. */
  minLength: number;
}

/** `<secure-input>` */
export declare class SecureInput extends SecureField {
  type: string;
}

/** `<secure-textarea>` */
export declare class SecureTextarea extends SecureField {
  rows: number;
  cols: number;
  wrap: string;
  autoGrow: boolean;
  /** 0 where there is none. */
  maxRows: number;
}

/** `<secure-group>` */
export declare class SecureGroup extends HTMLElement {
  autofill: boolean;
}

/** `<secure-text>` */
export declare class SecureText extends SecureElement {
  token: string;
  copy: boolean;
}

/** `<secure-upload>`; `value` is the tokens with a space between. */
export declare class SecureUpload extends SecureControl {
  /** One for each file that has one, in order. */
  readonly tokens: string[];
  accept: string;
  multiple: boolean;
  addEventListener<K extends keyof SecureUploadEventMap>(
    type: K,
    listener: (this: this, event: SecureUploadEventMap[K]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener<K extends keyof HTMLElementEventMap>(
    type: K,
    listener: (this: this, event: HTMLElementEventMap[K]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void;
}

/** `<secure-download>` */
export declare class SecureDownload extends SecureElement {
  token: string;
  auto: boolean;
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

/** For code that reads `FormData` by itself: resolves when tokens are in it, rejects with `code`. */
export declare function ready(form: HTMLFormElement): Promise<void>;
export declare function authenticate(how: Authentication): Promise<void>;
/** Begin anew, for example after a log-in without a new page. */
export declare function refresh(): Promise<void>;
/** The words for each code; an application may put its own in their place. */
export declare const messages: Record<string, string>;
/** Load the elements that stand in a shadow tree; those of the document are found by themselves. */
export declare function load(root?: ParentNode): void;

export declare const lunasec: Readonly<{
  ready: typeof ready;
  authenticate: typeof authenticate;
  refresh: typeof refresh;
  messages: typeof messages;
  load: typeof load;
}>;

/** Attributes of every element, as templates write them. */
export interface SecureAttributes {
  token?: string;
}

export interface SecureControlAttributes extends SecureAttributes {
  name?: string;
  /** The id of the form that it belongs to, where that is not around it. */
  form?: string;
  tags?: string;
  required?: boolean;
  disabled?: boolean;
}

interface SecureFieldAttributes extends SecureControlAttributes {
  placeholder?: string;
  readonly?: boolean;
  autocomplete?: string;
  inputmode?: string;
  enterkeyhint?: string;
  minlength?: number | string;
  maxlength?: number | string;
  /** A built-in one, or one of the tokenizer's configuration. */
  validator?:
    | "ssn"
    | "ein"
    | "card"
    | "email"
    | "phone"
    | "date"
    | "iban"
    | "routing"
    | (string & {});
  /** How it is grouped while typing; by default the validator's own. */
  mask?: "ssn" | "ein" | "card" | "phone" | "date" | "iban" | "routing" | "none";
}

export interface SecureInputAttributes extends SecureFieldAttributes {
  type?: "text" | "password" | "tel" | "email" | "url" | "search";
}

export interface SecureTextareaAttributes extends SecureFieldAttributes {
  rows?: number | string;
  cols?: number | string;
  wrap?: "soft" | "off";
  "auto-grow"?: boolean;
  "max-rows"?: number | string;
}

export interface SecureGroupAttributes {
  /** Its frame is a child of its own, where browsers fill in. */
  autofill?: boolean;
}

export interface SecureTextAttributes extends SecureAttributes {
  reveal?: "click";
  /** Seconds. */
  remask?: number | string;
  as?: "date" | "card" | "phone" | "ssn" | "last4";
  /** A button for the clipboard, where the grant allows it. */
  copy?: boolean;
}

export interface SecureUploadAttributes extends SecureControlAttributes {
  multiple?: boolean;
  accept?: string;
  /** Of each file, in bytes or with a unit: `20MB`. */
  "max-size"?: number | string;
}

export interface SecureDownloadAttributes extends SecureAttributes {
  as?: "button";
  /** Begin without a click. */
  auto?: boolean;
}

declare global {
  interface HTMLElementTagNameMap {
    "secure-input": SecureInput;
    "secure-textarea": SecureTextarea;
    "secure-text": SecureText;
    "secure-group": SecureGroup;
    "secure-upload": SecureUpload;
    "secure-download": SecureDownload;
  }
}
