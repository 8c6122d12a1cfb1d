/** Requests from a frame document to the tokenizer that served it. */

const TIMEOUT = 10_000; // milliseconds; the tokenizer answers or refuses within 2 seconds
export const BATCH_ITEMS = 1_000; // of the tokenizer, a request
export const BATCH_BYTES = 900 * 1024; // below the tokenizer's 1 MiB, with room for the JSON around

/** An answer that is no success: a stable code, and how long to wait where waiting helps. */
export class Refusal extends Error {
  /**
   * @param {string} code
   * @param {number} [retryAfter] seconds
   */
  constructor(code, retryAfter) {
    super(code);
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

/** Codes that pass by themselves, and are worth another try. */
export const passing = new Set(["unavailable", "too_many_requests", "sealed", "internal"]);

/**
 * Post JSON, and give the JSON of the answer or throw a `Refusal`.
 * @param {string} application
 * @param {string} path
 * @param {object} body
 * @returns {Promise<any>}
 */
export async function post(application, path, body) {
  const response = await fetch(path, {
    method: "POST",
    credentials: "same-origin",
    cache: "no-store",
    redirect: "error",
    headers: { "Content-Type": "application/json", "LunaSec-Application": application },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(TIMEOUT),
  }).catch(() => {
    throw new Refusal("unavailable");
  });
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  const known = typeof answer.code === "string" && /^[a-z_]{1,40}$/.test(answer.code);
  const seconds = Number(response.headers.get("Retry-After"));
  throw new Refusal(known ? answer.code : "unavailable", seconds > 0 ? seconds : undefined);
}
