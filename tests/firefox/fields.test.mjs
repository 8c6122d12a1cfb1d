// What people type into, in one Firefox ESR.

import "./elements/focus.mjs";
import "./elements/typing.mjs";
import "./elements/forms.mjs";
