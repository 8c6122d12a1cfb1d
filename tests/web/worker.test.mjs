// The worker of downloads, with the test in the browser's place.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { runInNewContext } from "node:vm";

const source = readFileSync(new URL("../../web/frame/worker.js", import.meta.url), "utf8");
const turn = (milliseconds = 50) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Wait until a list has as many entries. */
const until = async (list, count) => {
  for (let at = 0; at < 200 && list.length < count; at += 1) await turn(5);
  assert.equal(list.length, count);
};

/** Start a worker; give its listeners, and a way to ask it for an address. */
function started() {
  const listeners = {};
  const self = { skipWaiting() {}, addEventListener: (type, listener) => (listeners[type] = listener) };
  const later = (...args) => setTimeout(...args).unref();
  runInNewContext(source, { self, URL, Response, ReadableStream, setTimeout: later, clearTimeout });
  const ask = (path, how = {}) => {
    let answer;
    const request = { url: `https://secure.example.com${path}`, method: "GET", mode: "navigate", ...how };
    listeners.fetch({ request, respondWith: (given) => (answer = given) });
    return answer;
  };
  return { listeners, ask };
}

/** Offer a file, as a frame does. */
async function offered(size = 6) {
  const { listeners, ask } = started();
  const { port1, port2 } = new MessageChannel();
  const said = [];
  port1.onmessage = ({ data }) => said.push(data);
  port1.unref(); // a failure ends the run, whatever is open
  listeners.message({ data: { id: "id", size, disposition: "attachment" }, ports: [port2] });
  await until(said, 1);
  return { listeners, ask, said, port: port1 };
}

test("answers an address once, and no other, and no request that is no navigation", async () => {
  const { ask, port } = await offered();
  for (const path of ["/download/", "/download/other", "/download/worker.js", "/download/id/", "/download/id2"]) {
    assert.equal(ask(path), undefined, path);
  }
  for (const how of [{ mode: "cors" }, { mode: "no-cors" }, { mode: "same-origin" }, { method: "POST" }]) {
    assert.equal(ask("/download/id", how), undefined, JSON.stringify(how));
  }
  assert.ok(ask("/download/id") instanceof Response);
  assert.equal(ask("/download/id"), undefined);
  port.close();
});

test("asks for no more than is taken", async () => {
  const { ask, said, port } = await offered();
  const reader = ask("/download/id").body.getReader();
  await until(said, 2);
  port.postMessage({ bytes: new Uint8Array([1, 2, 3]) });
  await turn(100);
  assert.deepEqual(said, ["offered", "pull"]); // nobody has read it
  assert.deepEqual([...(await reader.read()).value], [1, 2, 3]);
  await until(said, 3);
  assert.deepEqual(said, ["offered", "pull", "pull"]);
  port.postMessage({ bytes: new Uint8Array([4, 5, 6]) });
  assert.deepEqual([...(await reader.read()).value], [4, 5, 6]);
  await turn();
  port.postMessage({ end: true });
  assert.equal((await reader.read()).done, true);
  port.close();
});

test("an end before the end is an error, never a shorter file", async () => {
  for (const end of [(port) => port.postMessage({ failed: true }), (port) => port.close()]) {
    const { ask, said, port } = await offered();
    const reader = ask("/download/id").body.getReader();
    await until(said, 2);
    port.postMessage({ bytes: new Uint8Array([1]) });
    await reader.read();
    await until(said, 3);
    end(port);
    await assert.rejects(reader.read());
    port.close();
  }
});

test("tells the frame of a person who has had enough", async () => {
  const { ask, said, port } = await offered();
  const reader = ask("/download/id").body.getReader();
  await until(said, 2);
  port.postMessage({ bytes: new Uint8Array([1]) });
  await reader.read();
  await until(said, 3);
  reader.cancel();
  await until(said, 4);
  assert.equal(said.at(-1), "cancel");
  port.close();
});
