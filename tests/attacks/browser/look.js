// Records all that a page can see of an element, in each of its states.
async (host) => {
  const seen = [];
  const look = () => {
    const states = [":valid", ":invalid", ":user-invalid", ":placeholder-shown", ":state(focus)",
      ":state(user-invalid)", ":state(autofill)", ":state(error)", ":state(empty)", ":state(filled)", ":blank"];
    const box = host.getBoundingClientRect();
    const group = document.querySelector("secure-group");
    const frame = (group ?? host).shadowRoot.querySelector("iframe");
    const inner = frame?.getBoundingClientRect();
    const style = getComputedStyle(host);
    const own = {};
    for (let from = host; from && from !== HTMLElement.prototype; from = Object.getPrototypeOf(from)) {
      for (const name of Object.getOwnPropertyNames(from)) {
        const value = (() => { try { return host[name]; } catch (error) { return error.name; } })();
        if (["string", "number", "boolean"].includes(typeof value)) own[name] = value;
      }
    }
    const validity = {};
    for (const name in host.validity ?? {}) validity[name] = host.validity[name];
    seen.push({
      own, validity, check: host.checkValidity?.(), report: host.reportValidity?.(),
      message: host.validationMessage,
      states: states.map((each) => { try { return host.matches(each); } catch { return null; } }),
      box: [box.x, box.y, box.width, box.height, host.scrollWidth, host.scrollHeight],
      cut: group && [frame.style.cssText, group.scrollWidth, group.scrollHeight],
      inner: inner && [inner.x, inner.y, inner.width, inner.height, frame.scrollWidth, frame.scrollHeight],
      style: [...style].map((name) => name + ":" + style.getPropertyValue(name)).join(";"),
      attributes: [...host.attributes].map((each) => each.name + "=" + each.value).sort(),
      shadow: host.shadowRoot.textContent,
      frames: window.length,
      form: [...new FormData(host.form ?? document.createElement("form"))],
      heard: window.heard,
    });
  };
  while (!window.events.some(([type]) => type === "secure-ready")) {
    await new Promise((done) => setTimeout(done, 20));
  }
  await new Promise((done) => setTimeout(done, 300));
  look();
  const settled = async (focused) => {
    for (let i = 0; i < 50 && host.matches(":state(focus)") !== focused; i++) {
      await new Promise((done) => setTimeout(done, 20));
    }
  };
  const ready = () => window.events.filter(([type]) => type === "secure-ready").length;
  host.focus();
  await settled(!host.matches(":disabled"));
  look();
  host.blur?.();
  await settled(false);
  for (const [name, value] of [["maxlength", "5"], ["pattern", "2.*"], ["validator", "email"],
    ["mask", "card"], ["auto-grow", ""], ["max-rows", "40"], ["wrap", "off"], ["reveal", "click"]]) {
    const before = ready();
    host.setAttribute(name, value);
    // A group looks at its order anew once the page has been still for 100 ms.
    const pause = name === "reveal" && document.querySelector("secure-group") ? 400 : 60;
    await new Promise((done) => setTimeout(done, pause));
    // These two make a new frame, and how far it is by now is the machine's doing.
    const anew = host.localName !== "secure-text" && /^(?:validator|mask)$/.test(name);
    for (let i = 0; anew && i < 100 && ready() === before; i++) {
      await new Promise((done) => setTimeout(done, 20));
    }
    look();
  }
  return JSON.stringify([seen, [...new Set(window.events.map(String))].sort()]);
}
