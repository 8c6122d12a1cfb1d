// Say to every frame whatever might make it talk, and listen to all that comes back.
window.addEventListener("message", (event) => {
  console.log("heard from", event.origin, event.data);
});

const token = document.querySelector("secure-text").getAttribute("token");
const messages = [
  { type: "detokenize", tokens: [token] },
  { type: "value", token },
  { type: "read" },
  { type: "copy" },
  "value",
];

await pause(1);
for (const frame of allFrames()) {
  for (const message of messages) {
    const channel = new MessageChannel();
    channel.port1.onmessage = (event) => console.log("answer on a port:", event.data);
    frame.contentWindow.postMessage(message, "*", [channel.port2]);
  }
}
console.log(`${messages.length} messages to each of ${allFrames().length} frames; listening`);
await pause(3);
console.log("Done. That is all that came back.");
