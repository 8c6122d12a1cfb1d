/**
 * A small picture of a chosen file, drawn on a canvas. Only what begins like one of five raster
 * formats is decoded at all, as that format: never a document, never SVG.
 */

const MAGIC = /** @type {const} */ ([
  ["image/png", /^\x89PNG\r\n.\n/s],
  ["image/jpeg", /^\xff\xd8\xff/],
  ["image/gif", /^GIF8[79]a/],
  ["image/webp", /^RIFF.{4}WEBP/s],
  ["image/avif", /^.{4}ftypavi[fs]/s],
]);
const LARGEST = 32 * 1024 * 1024; // bytes
const MOST = 64_000_000; // pixels; a small file can claim to be a huge picture

/** @param {Uint8Array} head @returns {string | undefined} */
export function rasterType(head) {
  const text = String.fromCharCode(...head.subarray(0, 16));
  return MAGIC.find(([, begins]) => begins.test(text))?.[0];
}

/** @param {Blob} file @returns {Promise<HTMLCanvasElement | undefined>} */
export async function previewOf(file) {
  if (file.size > LARGEST) return undefined;
  const head = new Uint8Array(await file.slice(0, 16).arrayBuffer());
  const type = rasterType(head);
  if (!type) return undefined;
  const address = URL.createObjectURL(file.slice(0, file.size, type));
  const image = new Image();
  try {
    image.src = address;
    await new Promise((resolve, reject) =>
      Object.assign(image, { onload: resolve, onerror: reject }),
    );
    if (image.naturalWidth * image.naturalHeight > MOST) return undefined;
    return draw(await createImageBitmap(image));
  } finally {
    URL.revokeObjectURL(address);
    image.src = "";
  }
}

/** The middle of it, on a square. @param {ImageBitmap} bitmap */
function draw(bitmap) {
  const canvas = document.createElement("canvas");
  const side = Math.min(bitmap.width, bitmap.height);
  const [left, top] = [(bitmap.width - side) / 2, (bitmap.height - side) / 2];
  canvas.width = canvas.height = 96;
  const context = canvas.getContext("2d");
  if (context) context.imageSmoothingQuality = "high";
  context?.drawImage(bitmap, left, top, side, side, 0, 0, 96, 96);
  bitmap.close();
  return canvas;
}
