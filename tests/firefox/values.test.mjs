// What is shown, how it looks, and files, in one Firefox ESR.

import "./elements/texts.mjs";
import "./elements/looks.mjs";
import "./elements/files.mjs";
