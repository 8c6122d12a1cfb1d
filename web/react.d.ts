/** The elements in React's templates: `import type {} from "lunasec-elements/react"`, once. */

import type { ClassAttributes, HTMLAttributes } from "react";
import type {
  SecureDownload,
  SecureDownloadAttributes,
  SecureEventMap,
  SecureGroup,
  SecureGroupAttributes,
  SecureInput,
  SecureInputAttributes,
  SecureText,
  SecureTextAttributes,
  SecureTextarea,
  SecureTextareaAttributes,
  SecureUpload,
  SecureUploadAttributes,
  SecureUploadEventMap,
} from "./index.js";

/** React 19 listens for an element's own events by `on` and the event's name. */
type Listeners<M> = { [K in keyof M & string as `on${K}`]?: (event: M[K]) => void };

type Props<E, A, M = SecureEventMap> = ClassAttributes<E> &
  Omit<HTMLAttributes<E>, keyof A> &
  A &
  Listeners<M>;

declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      "secure-input": Props<SecureInput, SecureInputAttributes>;
      "secure-textarea": Props<SecureTextarea, SecureTextareaAttributes>;
      "secure-group": Props<SecureGroup, SecureGroupAttributes>;
      "secure-text": Props<SecureText, SecureTextAttributes>;
      "secure-upload": Props<SecureUpload, SecureUploadAttributes, SecureUploadEventMap>;
      "secure-download": Props<SecureDownload, SecureDownloadAttributes>;
    }
  }
}
