/** Names and sizes of files in words that a person, a file system and a header can bear. */

const LONGEST = 180; // characters; some file systems count bytes of UTF-8, and end at 255

// Controls, line ends, and what turns the direction of text around: "fdp.exe" is no "exe.pdf".
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\ufff9-\uffff]/gu;
// Names that Windows gives to devices.
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i;

/** A name on one line, as it reads. @param {string} name */
export const plainName = (name) => name.replaceAll(UNSEEN, "").replaceAll(/\s+/g, " ").trim();

/** A name without a path, good on every system. @param {string} name */
export function safeName(name) {
  const base = plainName(name)
    .replaceAll(/[/\\:*?"<>|%]/g, "_")
    .replace(/^[.\s]+/, "")
    .replace(DEVICE, "_$&");
  const dot = base.lastIndexOf(".");
  const ending = dot > 0 && base.length - dot <= 16 ? base.slice(dot) : "";
  const stem = [...base.slice(0, base.length - ending.length)].slice(0, LONGEST).join("");
  return (stem + ending).replace(/[.\s]+$/, "") || "file";
}

/** The header of an attachment, RFC 6266; the name in UTF-8 by RFC 8187. @param {string} name */
export function disposition(name) {
  const safe = safeName(name);
  const ascii = safe.replaceAll(/[^\w .()+=@~-]/g, "_");
  const quoted = encodeURIComponent(safe).replaceAll(
    /['()*]/g,
    (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${ascii}"; filename*=UTF-8''${quoted}`;
}

/** As file managers count it. @param {number} bytes */
export function sizeInWords(bytes) {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1);
  return new Intl.NumberFormat(undefined, {
    style: "unit",
    unit: units[power] ?? "byte",
    unitDisplay: power ? "short" : "long",
    maximumFractionDigits: power > 1 ? 1 : 0,
  }).format(bytes / 1000 ** power);
}

/** Whether a file is of what `accept` lists, as the browser's own dialog reads it. @type {(accept: string, file: {name: string, type: string}) => boolean} */
export function isAccepted(accept, { name, type }) {
  const wanted = accept
    .toLowerCase()
    .split(",")
    .map((each) => each.trim())
    .filter(Boolean);
  const [lower, media] = [name.toLowerCase(), type.toLowerCase()];
  return (
    wanted.length === 0 ||
    wanted.some((each) => {
      if (/^\*(?:\/\*)?$/.test(each)) return true;
      if (each.startsWith(".")) return lower.endsWith(each);
      if (each.endsWith("/*")) return media.startsWith(each.slice(0, -1));
      // Systems have types of their own: a `.csv` is a spreadsheet's where there is one.
      return media === each || lower.endsWith(each.replace(/^.*\//, "."));
    })
  );
}

const UNITS = ["", "k", "m", "g", "t"];

/** In bytes, of what a page wrote like `20MB` or `4 KiB`; 0 for no limit. @param {string} text */
export function bytesOf(text) {
  const [, number, unit = "", binary] =
    /^\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?\s*$/i.exec(text) ?? [];
  const power = UNITS.indexOf(unit.toLowerCase());
  return Math.floor(Number(number ?? 0) * (binary ? 1024 : 1000) ** power);
}
