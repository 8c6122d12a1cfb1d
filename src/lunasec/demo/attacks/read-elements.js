// Everything that the page knows about its fields, once the number is shown.
await pause(1);
const ordinary = document.querySelector("#ordinary");
console.log("The ordinary field:", ordinary.value);

for (const element of document.querySelectorAll("secure-text, secure-input")) {
  console.log(`<${element.localName}>`);
  console.log("  value:", element.value);
  console.log("  textContent:", element.textContent);
  console.log("  token:", element.getAttribute("token"));
  console.log("  shadowRoot:", element.shadowRoot);
}

const form = document.querySelector("#practice");
for (const [name, value] of new FormData(form)) {
  console.log(`the form would post ${name}:`, value);
}
