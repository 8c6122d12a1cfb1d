/** A field's part of a group's frame: what it has for a port, and for a frame. */

/** @import { SecureElement } from "./element.js" */
/** @import { SecureGroup } from "./group.js" */

let numbers = 0;

export class Seat {
  /** @type {((event: any) => void) | null} */
  onmessage = null;
  /** @type {HTMLElement | undefined} a stop in the page, on the way to the frame */
  #stop;
  #edges = 0;

  /** @param {SecureElement} field @param {SecureGroup} group */
  constructor(field, group) {
    numbers += 1;
    this.id = numbers;
    this.field = field;
    this.group = group;
  }

  get classList() {
    return /** @type {HTMLIFrameElement} */ (this.group.iframe).classList;
  }

  /** @param {object} message @param {Transferable[]} [ports] */
  postMessage(message, ports) {
    this.group.send({ type: "to", id: this.id, message }, ports);
  }

  /** @param {any} data */
  hear(data) {
    this.onmessage?.({ data, ports: [] });
    if (data?.type === "focus" || data?.type === "blur") {
      this.group.focused(data.type === "focus");
    }
  }

  /** Have the frame make it, with whatever its field is told from now on. */
  begin() {
    const { id, field } = this;
    this.group.send({ type: "add", id, role: field.kind, hello: field.hello() });
    field.attend(/** @type {any} */ (this), this);
    field.usable();
  }

  end() {
    this.field.close();
    this.remove();
  }

  close() {
    this.onmessage = null;
    this.#edges = 0;
    this.group.vacate(this);
  }

  remove() {
    this.#stop?.remove();
    this.#stop = undefined;
  }

  /** @param {FocusOptions} [options] */
  focus(options) {
    this.group.hold();
    // The frame may be higher than the window.
    this.group.iframe?.focus({ preventScroll: true });
    this.postMessage({ type: "focus" });
    if (!options?.preventScroll) {
      this.field.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
  }

  blur() {
    this.group.iframe?.blur();
  }

  /** Be reached by Tab, or not. @param {number} [edges] where something of the page's is next */
  stand(edges) {
    if (edges === undefined) return this.remove();
    if (edges !== this.#edges) this.group.send({ type: "edges", id: this.id, edges });
    this.#edges = edges;
    if (this.#stop) return;
    this.#stop = document.createElement("i");
    this.#stop.tabIndex = 0;
    this.#stop.style.outline = "none";
    this.#stop.addEventListener("focusin", () => this.field.focus());
    this.field.box.prepend(this.#stop);
  }
}
