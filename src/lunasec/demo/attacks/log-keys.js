// Hear every key and every change in this window, before anybody else does.
for (const kind of ["keydown", "input", "paste"]) {
  window.addEventListener(kind, (event) => {
    const what = event.key ?? event.data ?? event.clipboardData?.getData("text") ?? "";
    console.log(kind, "in", event.target.id || event.target.localName, what);
  }, { capture: true });
}
console.log("Listening. Now type into the ordinary field, then into the secure one.");
