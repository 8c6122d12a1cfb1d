// Ask for the value as the frame does, in every mode that fetch has.
const tokenizer = new URL(document.querySelector("script[src$='/lunasec.js']").src).origin;
const session = document.querySelector("meta[name=lunasec-session]").content;
const token = document.querySelector("secure-text").getAttribute("token");
const application = document.querySelector("meta[name=lunasec-session]").dataset.application;

for (const mode of ["cors", "no-cors", "same-origin"]) {
  for (const type of ["application/json", "text/plain"]) {
    try {
      const answer = await fetch(`${tokenizer}/detokenize`, {
        method: "POST",
        mode,
        credentials: "include",
        headers: { "Content-Type": type, "LunaSec-Application": application },
        body: JSON.stringify({ session, tokens: [token] }),
      });
      console.log(`${mode}, ${type}:`, answer.type, answer.status, await answer.text());
    } catch (error) {
      console.log(`${mode}, ${type}:`, error);
    }
  }
}

console.log("sendBeacon:", navigator.sendBeacon(`${tokenizer}/detokenize`,
  JSON.stringify({ session, tokens: [token] })), "(sent, and its answer goes to nobody)");
