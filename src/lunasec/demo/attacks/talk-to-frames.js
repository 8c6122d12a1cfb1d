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

for (let i = 0; i < window.length; i++) {
  for (const message of messages) {
    const channel = new MessageChannel();
    channel.port1.onmessage = (event) => console.log(`frame ${i} answered:`, event.data);
    window[i].postMessage(message, "*", [channel.port2]);
  }
}
console.log(`${messages.length} messages to each of ${window.length} frames; waiting 3 seconds`);
await pause(3);
console.log("done waiting");
