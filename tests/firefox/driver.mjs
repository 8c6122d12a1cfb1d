// Debian's Firefox ESR over WebDriver BiDi: quiet, with every name on loopback, and its visitors.

import puppeteer from "puppeteer-core";

const WAIT = 30_000; // milliseconds; two cores are shared with a demo and other tests

// Nothing reaches outside: each name is this machine, and what Firefox asks by itself is off.
const PREFERENCES = {
  "network.dns.native-is-localhost": true,
  "network.proxy.type": 0,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "network.trr.mode": 5,
  "network.http.http3.enable": false,
  "app.normandy.enabled": false,
  "app.update.disabledForTesting": true,
  "browser.safebrowsing.downloads.remote.enabled": false,
  "browser.safebrowsing.update.enabled": false,
  "browser.search.update": false,
  "browser.newtabpage.enabled": false,
  "browser.startup.page": 0,
  "browser.tabs.crashReporting.sendReport": false,
  "datareporting.healthreport.uploadEnabled": false,
  "datareporting.policy.dataSubmissionEnabled": false,
  "dom.push.connection.enabled": false,
  "extensions.getAddons.cache.enabled": false,
  "extensions.systemAddon.update.enabled": false,
  "extensions.update.enabled": false,
  "media.gmp-manager.updateEnabled": false,
  "services.settings.server": "data:,",
  "toolkit.telemetry.enabled": false,
  "toolkit.telemetry.server": "data:,",
  "toolkit.telemetry.unified": false,
};

/** Start one with a profile that is there; `behavior` is `network.cookie.cookieBehavior`. */
export async function firefox(profile, behavior, preferences = {}) {
  return puppeteer.launch({
    browser: "firefox",
    executablePath: "/usr/bin/firefox-esr",
    headless: true,
    userDataDir: profile,
    timeout: 60_000,
    env: { ...process.env, MOZ_CRASHREPORTER_DISABLE: "1", MOZ_DATA_REPORTING: "0" },
    extraPrefsFirefox: {
      ...PREFERENCES,
      ...preferences,
      "network.cookie.cookieBehavior": behavior,
    },
  });
}

/**
 * Go to an address once the page before is there: Firefox takes the end of a load that is cut short for
 * that of the next.
 */
export async function goTo(page, address) {
  await page.waitForFunction(() => document.readyState === "complete");
  return page.goto(address);
}

/** Somebody in a browser of their own: cookies are shared with nobody. */
export async function visitor(browser) {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT);
  return { context, page };
}

/** Find the document inside an element; `waitForSelector` watches no shadow tree, so ask anew. */
export async function frameOf(page, element) {
  const within = [`${element} >>> iframe.ready`, `${element} > iframe.ready`];
  const find = async () => (await page.$(within[0])) ?? page.$(within[1]);
  const host = await until(find, `the frame of ${element} is ready`);
  return host.contentFrame();
}

/** Ask until it holds; what it said last is told where it never does. */
export async function until(holds, what, wait = WAIT) {
  const end = Date.now() + wait;
  for (;;) {
    const found = await holds().catch((error) => error);
    if (found && !(found instanceof Error)) return found;
    if (Date.now() > end) throw new Error(`not within ${wait} ms: ${what}; last: ${found}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
