/**
 * The element's own box: the frame fills the host's content box, over a strut that gives the host
 * one line's height and the baseline of a text. The defaults look like a native field, and any rule
 * of the page is stronger than these.
 */

const sheet = new CSSStyleSheet();
sheet.replaceSync(`
:host { display: inline-block; inline-size: 20ch; vertical-align: baseline; text-align: start; cursor: text; }
:host([hidden]) { display: none; }
[part=box] { position: relative; display: flex; align-items: center; min-block-size: 100%; block-size: 100%; }
.strut { visibility: hidden; inline-size: 0; white-space: pre; }
iframe { position: absolute; inset: 0; inline-size: 100%; block-size: 100%; border: 0; opacity: 0; }
iframe.ready { opacity: 1; }
[part=placeholder] { position: absolute; visibility: hidden; color: GrayText; }
[part=message] { position: absolute; inset: 0; display: flex; align-items: center; overflow: hidden;
  white-space: nowrap; text-overflow: ellipsis; pointer-events: none; opacity: .75; }
[part=message]:empty { display: none; }
iframe.covered { opacity: 0; }
`);

const field = new CSSStyleSheet();
field.replaceSync(`
:host { padding: 1px 2px; border: 2px inset light-dark(#767676, #858585); background: Field; color: FieldText; font: 13.333px system-ui, sans-serif; }
:host(:disabled) { cursor: default; color: GrayText; }
:host(:focus-within) { outline: auto 1px Highlight; outline: auto 1px -webkit-focus-ring-color; }
:host(:focus-within) iframe.covered { opacity: 1; }
:host(:focus-within) [part=message] { display: none; }
@media (forced-colors: active) { :host { border-color: FieldText; } }
`);

/**
 * @param {HTMLElement} host
 * @param {boolean} isField and looks like one
 */
export function makeShadow(host, isField) {
  const root = host.attachShadow({ mode: "open", delegatesFocus: true });
  root.adoptedStyleSheets = isField ? [sheet, field] : [sheet];
  const [box, strut, hint, message] = ["div", "span", "span", "span"].map((name) => document.createElement(name));
  if (!box || !strut || !hint || !message) throw new Error("unreachable");
  box.part.add("box");
  hint.part.add("placeholder");
  message.part.add("message");
  message.setAttribute("role", "status");
  strut.className = "strut";
  strut.textContent = "\u200b";
  for (const each of [strut, hint]) each.ariaHidden = "true";
  box.append(strut, hint, message);
  root.append(box);
  return { box, hint, message };
}
