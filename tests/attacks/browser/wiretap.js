// Notes in window.heard whatever a page can hear or hand on; runs before anybody else's script.
() => {
  if (window !== top || !/^https?:\/\/(app|clinic)\./.test(location.href)) return;
  const heard = window.heard = [];
  const note = (what) => { try { heard.push(JSON.stringify(what) ?? String(what)); } catch { heard.push(String(what)); } };
  addEventListener("message", (event) => note({ window: event.data, ports: event.ports.length }), true);
  const post = MessagePort.prototype.postMessage;
  MessagePort.prototype.postMessage = function (...all) { note({ sent: all[0] }); return post.apply(this, all); };
  const { set } = Object.getOwnPropertyDescriptor(MessagePort.prototype, "onmessage");
  Object.defineProperty(MessagePort.prototype, "onmessage", { set(handler) {
    this.addEventListener("message", (event) => note({ port: event.data }));
    set.call(this, handler);
  } });
  for (const type of ["input", "change", "keydown", "keyup", "beforeinput", "paste", "copy", "focusin",
    "secure-ready", "secure-error", "secure-expired", "securitypolicyviolation", "submit", "formdata"]) {
    addEventListener(type, (event) => note({ type, key: event.key, data: event.data, detail: event.detail,
      blocked: event.blockedURI, value: event.target?.value }), true);
  }
  for (const name of ["encrypt", "decrypt", "importKey"]) {
    const own = SubtleCrypto.prototype[name];
    SubtleCrypto.prototype[name] = function (...all) { note({ crypto: name }); return own.apply(this, all); };
  }
  new PerformanceObserver((list) => list.getEntries().forEach((each) => note(each.toJSON())))
    .observe({ entryTypes: ["resource", "navigation"] });
  new ReportingObserver((reports) => reports.forEach((each) => note(each.toJSON?.() ?? each)), { buffered: true }).observe();
}
