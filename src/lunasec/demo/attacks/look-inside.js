// Find every frame, in shadow trees too, and read its document.
function* allFrames(root) {
  for (const element of root.querySelectorAll("*")) {
    if (element.localName === "iframe") yield element;
    if (element.shadowRoot) yield* allFrames(element.shadowRoot);
  }
}

const found = new Set(Array.from(allFrames(document), (frame) => frame.contentWindow));
for (let i = 0; i < window.length; i++) found.add(window[i]);
console.log(`${found.size} frames`);

for (const [number, frame] of [...found].entries()) {
  for (const way of [
    () => frame.document.body.innerText,
    () => frame.location.href,
    () => frame.find("1"),
    () => frame.getSelection().toString(),
  ]) {
    try {
      console.log(`frame ${number}:`, way());
    } catch (error) {
      console.log(`frame ${number}:`, error);
    }
  }
}
