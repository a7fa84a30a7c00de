import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/snap/bin/chromium'];

export const CHROMIUM = PLACES.find((place) => existsSync(place));

/** Why the tests in a browser are left out, or false where they run. */
export const SKIP = CHROMIUM ? false : `no Chromium in ${PLACES.join(', ')} (Debian: apt-get install chromium)`;

/** Chromium's own sandbox cannot be set up by root; as anybody else it stays on. */
export function openBrowser(): Promise<Browser> {
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath: CHROMIUM!, args });
}

/** A page that remembers everything that it should not do. */
export async function openPage(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<{ page: Page; sins: string[] }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const sins: string[] = [];
  page.on('pageerror', (error) => sins.push(`error: ${error.message}`));
  page.on('dialog', async (dialog) => {
    sins.push(`dialog: ${dialog.message()}`);
    await dialog.dismiss();
  });
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) sins.push(`console: ${message.text()}`);
  });
  // A request that the page's policy stopped never left; any other to a stranger is a sin, answered or not.
  const isForeign = (url: string) => !/^(http:\/\/127\.0\.0\.1:|data:)/.test(url);
  page.on('requestfinished', (request) => {
    if (isForeign(request.url())) sins.push(`request: ${request.url()}`);
  });
  page.on('requestfailed', (request) => {
    const why = request.failure()?.errorText ?? '';
    if (isForeign(request.url()) && !/csp/i.test(why)) sins.push(`request: ${request.url()} ${why}`);
  });
  return { page, sins };
}

/** How far the page is wider than its window. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
}

/** Asks again until it is so, at most some seconds. */
export async function until(isSo: () => Promise<boolean>, what: string): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`It did not come about: ${what}`);
}
