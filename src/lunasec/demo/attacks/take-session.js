// Whoever has the session has the values: look for it wherever a script can look.
console.log("cookies:", document.cookie || "none that a script can see");
console.log("storage:", { ...localStorage, ...sessionStorage });

// Walk through the bootstrap, and watch for the handle in the redirect.
const state = "A".repeat(43);
for (const redirect of ["follow", "manual"]) {
  for (const mode of ["no-cors", "cors"]) {
    try {
      const answer = await fetch(`/.lunasec/secure-frame?state=${state}`, { mode, redirect });
      console.log(`${mode}, ${redirect}:`, answer.type, answer.status, answer.url || "no address");
      console.log("  Location:", answer.headers.get("location"));
    } catch (error) {
      console.log(`${mode}, ${redirect}:`, error);
    }
  }
}

const handles = performance.getEntries().filter((entry) => entry.name.includes("handle="));
console.log("handles in the performance entries:", handles.length);
