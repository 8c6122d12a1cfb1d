// Keeps the filled frame, and sets up a session of Mallory beside it; returns its reference.
async () => {
        HTMLIFrameElement.prototype.remove = () => {};
        document.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
        const { session } = await (await fetch("/as/mallory-" + crypto.randomUUID())).json();
        dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
        return session;
      }
