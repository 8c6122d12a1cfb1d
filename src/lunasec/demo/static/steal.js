// The panel beside the attacked page: shows what the visitor's script says and what stops it.

const panel = document.querySelector("#got");

/** One line of the panel: `kind` is "log" or "stopped". */
function line(kind, text) {
  document.querySelector("#got-nothing")?.remove();
  const item = document.createElement("li");
  item.className = kind;
  item.textContent = text;
  panel.append(item);
  panel.scrollTop = panel.scrollHeight;
}

function words(value) {
  if (typeof value === "string") return value;
  if (value instanceof Error || value instanceof DOMException) return `${value.name}: ${value.message}`;
  if (value instanceof Element) return value.outerHTML;
  if (value instanceof ShadowRoot) return value.innerHTML;
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}

for (const kind of ["log", "info", "warn", "error"]) {
  const original = console[kind].bind(console);
  console[kind] = (...values) => {
    original(...values);
    const stopped = kind === "error" || values.some((value) => value instanceof Error);
    line(stopped ? "stopped" : "log", values.map(words).join(" "));
  };
}

window.addEventListener("error", (event) => line("stopped", event.message));
window.addEventListener("unhandledrejection", (event) => line("stopped", words(event.reason)));

/** Every frame of the page, those in shadow trees too; ready-made attacks use it. */
function allFrames(root = document) {
  return Array.from(root.querySelectorAll("*")).flatMap((element) => [
    ...(element.localName === "iframe" ? [element] : []),
    ...(element.shadowRoot ? allFrames(element.shadowRoot) : []),
  ]);
}

/** Resolves after some seconds; ready-made attacks use it. */
function pause(seconds) {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}
