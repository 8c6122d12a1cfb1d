// Names of files as people and attackers write them, and what becomes of them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { disposition, isAccepted, plainName, safeName, sizeInWords } from "../../web/frame/words.js";
import { parseManifest } from "../../web/frame/manifest.js";
import { rasterType } from "../../web/frame/preview.js";
import { Refusal } from "../../web/frame/messages.js";

const names = {
  "report.pdf": "report.pdf",
  "Überblick 2024 (final).tar.gz": "Überblick 2024 (final).tar.gz",
  "日本語.txt": "日本語.txt",
  "../../etc/passwd": "_.._etc_passwd",
  "C:\\Windows\\system32\\cmd.exe": "C__Windows_system32_cmd.exe",
  "\u202efdp.exe": "fdp.exe",
  "invoice\u202efdp.exe": "invoicefdp.exe",
  "a\u200bb\u2066c\ufeff.txt": "abc.txt",
  'a"b\'c.txt': "a_b'c.txt",
  "a\r\nContent-Type: text/html\r\n\r\n<b>.html": "aContent-Type_ text_html_b_.html",
  "a\0b.txt": "ab.txt",
  ".htaccess": "htaccess",
  "...": "file",
  "": "file",
  " . ": "file",
  "CON": "_CON",
  "nul.txt": "_nul.txt",
  "console.log": "console.log",
  "trailing. . ": "trailing",
  "percent%2e%2e%2f.txt": "percent_2e_2e_2f.txt",
  "lone \ud800 surrogate.txt": "lone surrogate.txt",
};

test("makes a name that leads nowhere and looks like what it is", () => {
  for (const [given, safe] of Object.entries(names)) assert.equal(safeName(given), safe, JSON.stringify(given));
  const long = safeName(`${"長".repeat(4_000)}.pdf`);
  assert.ok(long.length <= 190 && long.endsWith("長.pdf"));
});

test("writes a header that no name breaks out of", () => {
  for (const given of Object.keys(names)) {
    const header = disposition(given);
    assert.match(header, /^attachment; filename="[\x20-\x21\x23-\x5b\x5d-\x7e]+"; filename\*=UTF-8''(?:[\w.~!-]|%[\dA-F]{2})+$/, header);
    assert.equal(decodeURIComponent(header.split("''")[1]), safeName(given));
  }
  assert.equal(disposition("Ü (1).txt"), "attachment; filename=\"_ (1).txt\"; filename*=UTF-8''%C3%9C%20%281%29.txt");
});

test("shows a name on one line, whatever is in it", () => {
  assert.equal(plainName("a\n\n b\tc\u2028d"), "a bcd");
  assert.equal(plainName("ordinary name.pdf"), "ordinary name.pdf");
});

test("tells sizes", () => {
  const known = { 1: "1 byte", 999: "999 bytes", 1000: "1 kB", 1_499: "1 kB", 1_500_000: "1.5 MB", 2_147_483_648: "2.1 GB", 5e15: "5,000 TB" };
  for (const [size, words] of Object.entries(known)) assert.equal(sizeInWords(Number(size)), words);
});

test("reads `accept` as browsers do", () => {
  const file = (name, type = "") => ({ name, type });
  assert.ok(isAccepted("", file("anything")));
  assert.ok(isAccepted(".pdf,.DOC", file("A.PDF")));
  assert.ok(isAccepted(" image/* , .txt", file("a", "image/png")));
  assert.ok(isAccepted("application/pdf", file("a", "application/pdf")));
  for (const all of ["*", "*/*", ".doc, */*"]) assert.ok(isAccepted(all, file("a.bin")), all);
  // As Windows calls them, where a spreadsheet program is installed.
  assert.ok(isAccepted("text/csv", file("A.CSV", "application/vnd.ms-excel")));
  assert.ok(isAccepted("image/jpg", file("a.jpg", "image/jpeg")));
  for (const [accept, name, type] of [["text/csv", "csv"], ["text/csv", "acsv"], [".pdf", "pdf"], [".pdf", "a.pdf.exe"], ["image/*", "a.png", ""], ["image/*", "a", "imagex/png"], ["text/plain", "a", "text/html"]]) {
    assert.equal(isAccepted(accept, file(name, type ?? "")), false, `${accept} ${name}`);
  }
});

test("takes a manifest that is exactly as described", () => {
  const sound = { name: "a", type: "", size: 1, key: "A".repeat(43) };
  assert.deepEqual(parseManifest(JSON.stringify(sound)), { ...sound, key: new Uint8Array(32) });
  const odd = [{ name: 1 }, { type: null }, { size: -1 }, { size: 1.5 }, { size: "1" }, { size: 2 ** 53 }, { key: "" }, { key: "A".repeat(42) }, { key: 1 }, { more: 1 }, { name: undefined }];
  for (const each of odd) assert.throws(() => parseManifest(JSON.stringify({ ...sound, ...each })), Refusal, JSON.stringify(each));
  for (const each of ["", "null", "[]", "1", "{", '"text"']) assert.throws(() => parseManifest(each), Refusal, each);
});

test("knows five raster formats by how they begin, and nothing else", () => {
  const begin = (text) => Uint8Array.from(text, (each) => each.charCodeAt(0));
  const known = { "\x89PNG\r\n\x1a\n": "image/png", "\xff\xd8\xff\xe0": "image/jpeg", GIF89a: "image/gif", GIF87a: "image/gif", "RIFF\0\0\0\0WEBPVP8 ": "image/webp", "\0\0\0\x1cftypavif": "image/avif" };
  for (const [text, type] of Object.entries(known)) assert.equal(rasterType(begin(text)), type);
  for (const text of ["", "<svg xmlns=", "<?xml", "<!doctype html>", "%PDF-1.7", "GIF88a", " \x89PNG\r\n\x1a\n", "BM", "RIFF\0\0\0\0WAVE", "\0\0\0\x1cftypheic", "<!-- GIF89a"]) {
    assert.equal(rasterType(begin(text)), undefined, text);
  }
});
