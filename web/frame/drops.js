/** Files that are dragged into a frame. */

/** @type {T.TakeDrops} */
export function takeDrops(root, { choose, folder, wanted }) {
  const isFile = (/** @type {DragEvent} */ { dataTransfer }) =>
    dataTransfer?.types.includes("Files");
  /** @param {boolean} on */
  const mark = (on) => root.toggleAttribute("data-drop", on);
  addEventListener("dragover", (event) => {
    event.preventDefault(); // or the browser would open the file in this frame's place
    const takes = wanted() && isFile(event);
    if (event.dataTransfer) event.dataTransfer.dropEffect = takes ? "copy" : "none";
    mark(Boolean(takes));
  });
  addEventListener("dragleave", ({ relatedTarget }) => relatedTarget || mark(false));
  addEventListener("drop", (event) => {
    event.preventDefault();
    mark(false);
    const dropped = [...(event.dataTransfer?.items ?? [])].filter(({ kind }) => kind === "file");
    const files = dropped.filter((each) => !each.webkitGetAsEntry?.()?.isDirectory);
    if (files.length < dropped.length) folder();
    choose(files.map((each) => each.getAsFile()).filter((file) => file !== null));
  });
}
