// Notes in window.events what an element tells the page; runs before anybody else's script.

window.events = [];
for (const type of ["input", "change", "invalid", "focus", "blur", "focusin", "scroll", "resize",
  "select", "keydown", "secure-ready", "secure-error", "secure-expired", "animationstart"]) {
  addEventListener(type, (event) => window.events.push([type, event.detail ?? null]), true);
}
