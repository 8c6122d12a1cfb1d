// Asks the tokenizer in every mode of fetch, and returns what was readable of the answers.
async ([tokenizer, token]) => {
        const session = document.querySelector("meta[name=lunasec-session]").content;
        const body = JSON.stringify({ session, tokens: [token] });
        const results = [];
        for (const path of ["/detokenize", "/session/ensure", "/tokens/describe", "/tokenize"])
        for (const mode of ["cors", "no-cors", "same-origin"])
        for (const type of ["application/json", "text/plain", "application/x-www-form-urlencoded"])
        for (const extra of [{}, { "LunaSec-Application": "payroll" }])
        for (const cache of ["default", "only-if-cached"])
        for (const credentials of ["include", "omit"]) {
          try {
            const answer = await fetch(tokenizer + path, { method: "POST", mode, body, cache, credentials,
              headers: { "Content-Type": type, ...extra } });
            results.push([answer.type, await answer.text(), [...answer.headers].join()]);
          } catch (error) { results.push(["error", "", ""]); }
        }
        return results;
      }
