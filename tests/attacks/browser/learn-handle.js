// Follows the bootstrap in every mode, and returns whatever tells where it went.
async () => {
        const results = [];
        const state = "A".repeat(43);
        for (const mode of ["cors", "no-cors", "same-origin"])
        for (const redirect of ["follow", "manual", "error"])
        for (const credentials of ["include", "same-origin"]) {
          try {
            const answer = await fetch("/.lunasec/secure-frame?state=" + state, { mode, redirect, credentials });
            results.push(JSON.stringify([answer.url, answer.type, answer.status, [...answer.headers], await answer.text()]));
          } catch (error) { results.push(String(error)); }
        }
        const frame = document.createElement("iframe");
        frame.src = "/.lunasec/secure-frame?state=" + state;
        document.body.append(frame);
        await new Promise((done) => setTimeout(done, 800));
        try { results.push(frame.contentWindow.location.href); } catch (error) { results.push(error.name); }
        results.push(JSON.stringify(performance.getEntries()));
        const meta = document.createElement("meta");
        meta.httpEquiv = "Content-Security-Policy";
        meta.content = "connect-src 'self'";
        document.head.append(meta);
        await fetch("/.lunasec/secure-frame?state=" + state, { mode: "no-cors", credentials: "include" }).catch(() => {});
        await new Promise((done) => setTimeout(done, 300));
        results.push(JSON.stringify(window.heard));
        return results.join("\\n");
      }
