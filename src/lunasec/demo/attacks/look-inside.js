// Reach into every frame, in shadow trees too, by all that a window gives to its parent.
await pause(1);
for (const frame of allFrames()) {
  const inside = frame.contentWindow;
  console.log(frame.title || "frame", frame.src);
  console.log("  contentDocument:", frame.contentDocument);
  for (const way of [
    () => inside.document.body.innerText,
    () => inside.location.href,
    () => inside.find("1"),
  ]) {
    try {
      console.log(" ", way());
    } catch (error) {
      console.log(" ", error);
    }
  }
}
