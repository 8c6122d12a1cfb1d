/** What a page asks its application about the session; loaded where that did not write it into the page. */

import { Problem } from "./page.js";

/** @returns {Promise<T.Identity>} */
export async function ask() {
  const response = await reach("/.lunasec/session");
  const { application, session } = await response.json().catch(() => ({}));
  if (response.status === 200 && application && session) return { application, session };
  throw refused(response);
}

/** @param {string} address @param {RequestInit} [how] */
export const reach = (address, how) =>
  fetch(address, { cache: "no-store", referrerPolicy: "same-origin", ...how }).catch(() => {
    throw new Problem("blocked");
  });

/** @param {Response} response of the application itself */
export function refused({ status }) {
  const code = { 200: "plugin_not_reached", 401: "no_session", 404: "plugin_not_found" }[status];
  return new Problem(code ?? (status < 500 && status !== 429 ? "plugin_refused" : "unavailable"));
}
