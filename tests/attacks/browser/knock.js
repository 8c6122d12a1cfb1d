// Says hello to every window in reach, in the library's words and in others; returns what answers.
async (targets) => {
  const answers = [];
  addEventListener("message", ({ data, ports }) => answers.push([JSON.stringify(data), ports.length]));
  const session = "A".repeat(43);
  const words = [
    { type: "hello", session },
    { type: "hello", session, token: "", extra: 1 },
    { type: "attach", application: "payroll", session },
    { type: "show", tokens: [] },
    { type: "__proto__", session },
    { type: "constructor" },
    "hello", null, 7, [], [["type", "hello"]], new Map([["type", "hello"]]),
    { type: "hello", session: { toString: () => session } },
    { type: "hello", session: "B".repeat(2_000_000) },
  ];
  const windows = targets.map((address) => window.open(address)).filter(Boolean);
  await new Promise((done) => setTimeout(done, 1200));
  for (const each of [...windows, ...Array.from({ length: window.length }, (_, i) => window[i])]) {
    for (const word of words) {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = ({ data }) => answers.push([JSON.stringify(data), 0]);
      try { each.postMessage(word, "*"); } catch { /* it can't be copied */ }
      try { each.postMessage(word, "*", [port2]); } catch { /* nor this */ }
      try { port1.postMessage(word); } catch { /* nor this */ }
    }
  }
  await new Promise((done) => setTimeout(done, 700));
  return answers;
}
