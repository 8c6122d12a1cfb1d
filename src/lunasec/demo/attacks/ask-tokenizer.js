// Ask for the value as the frame does, in every mode that fetch has.
const tokenizer = new URL(document.querySelector("script[src$='/lunasec.js']").src).origin;
const session = document.querySelector("meta[name=lunasec-session]").content;
const token = document.querySelector("secure-text").getAttribute("token");
const application = document.querySelector("meta[name=lunasec-session]").dataset.application;

const body = JSON.stringify({ session, tokens: [token] });
const asTheFrame = { "Content-Type": "application/json", "LunaSec-Application": application };
const withoutPreflight = { "Content-Type": "text/plain" };

for (const mode of ["cors", "no-cors", "same-origin"]) {
  for (const headers of [asTheFrame, withoutPreflight]) {
    const way = `${mode}, ${headers["Content-Type"]}:`;
    try {
      const options = { method: "POST", mode, credentials: "include", headers, body };
      const answer = await fetch(`${tokenizer}/detokenize`, options);
      console.log(way, answer.type, "status", answer.status, "text", await answer.text());
    } catch (error) {
      console.log(way, error);
    }
  }
}

const sent = navigator.sendBeacon(`${tokenizer}/detokenize`, body);
console.log("sendBeacon:", sent ? "sent, and its answer goes to nobody" : "not sent");
