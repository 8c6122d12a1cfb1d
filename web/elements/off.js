/** What is off: Vue writes it as text into an element whose module has not run yet. */

/** @param {Element} element @param {string[]} names of attributes that are there or not */
export function turnOff(element, ...names) {
  for (const name of names) {
    if (element.getAttribute(name) === "false") element.removeAttribute(name);
  }
}
