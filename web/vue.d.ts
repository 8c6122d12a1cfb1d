/** The elements in Vue's templates: `import type {} from "lunasec-elements/vue"`, once. */

import type { DefineComponent } from "vue";
import type {
  SecureDownloadAttributes,
  SecureEventMap,
  SecureGroupAttributes,
  SecureInputAttributes,
  SecureTextAttributes,
  SecureTextareaAttributes,
  SecureUploadAttributes,
  SecureUploadEventMap,
} from "./index.js";

type Listeners<M = SecureEventMap> = {
  [K in keyof M & string as `on${Capitalize<K>}`]?: (event: M[K]) => void;
};

declare module "vue" {
  interface GlobalComponents {
    "secure-input": DefineComponent<SecureInputAttributes & Listeners>;
    "secure-textarea": DefineComponent<SecureTextareaAttributes & Listeners>;
    "secure-group": DefineComponent<SecureGroupAttributes>;
    "secure-text": DefineComponent<SecureTextAttributes & Listeners>;
    "secure-upload": DefineComponent<SecureUploadAttributes & Listeners<SecureUploadEventMap>>;
    "secure-download": DefineComponent<SecureDownloadAttributes & Listeners>;
  }
}
