/** What of a field can be seen: boxes around it may scroll, and cut it off. */

export class Clips {
  /** @type {Map<Element, Element[]>} around each element, what cuts it off */
  #around = new Map();

  /** Elements, or their styles, are others than before. */
  forget() {
    this.#around.clear();
  }

  /** A place as a part of a path, cut off. @type {(field: HTMLElement, place: number[], origin: T.Origin) => string} */
  cut(field, [x = 0, y = 0, width = 0, height = 0], origin) {
    let [left, top, right, bottom] = [x, y, x + width, y + height];
    for (const box of this.#find(field)) {
      const { scale } = origin;
      const around = box.getBoundingClientRect();
      const begin = (around.x - origin.x) / scale + box.clientLeft;
      const over = (around.y - origin.y) / scale + box.clientTop;
      left = Math.max(left, begin);
      top = Math.max(top, over);
      right = Math.min(right, begin + box.clientWidth);
      bottom = Math.min(bottom, over + box.clientHeight);
    }
    if (right <= left || bottom <= top) return "";
    return `M${left} ${top}H${right}V${bottom}H${left}z`;
  }

  /** @param {Element} element @returns {Element[]} */
  #find(element) {
    const known = this.#around.get(element);
    if (known) return known;
    const parent = /** @type {any} */ (element.assignedSlot ?? element.parentNode);
    const outer = parent?.host ?? parent;
    /** @type {Element[]} */
    let found = [];
    if (outer instanceof Element && outer.localName !== "secure-group") {
      found = this.#find(outer);
      const { overflowX, overflowY } = getComputedStyle(outer);
      if (overflowX !== "visible" || overflowY !== "visible") found = [...found, outer];
    }
    this.#around.set(element, found);
    return found;
  }
}
