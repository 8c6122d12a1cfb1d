// Take the secure field away and put up one that looks the same.
const secure = document.querySelector("secure-input");
const fake = document.createElement("input");
fake.className = secure.className;
fake.placeholder = "000-00-0000";
fake.id = secure.id;
secure.replaceWith(fake);

fake.addEventListener("input", () => console.log("typed into the false field:", fake.value));
console.log("The secure field is gone. Type into the one in its place.");
