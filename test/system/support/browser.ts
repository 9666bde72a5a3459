import chromium from '@sparticuz/chromium';
import { type Browser, type BrowserContextOptions, type Page, chromium as playwright } from 'playwright-core';

/**
 * The Chromium of the npm package, which needs no root and no download. Not with the package's own arguments: they
 * switch web security off and put everything into one process.
 */
export async function openBrowser(): Promise<Browser> {
  // Chromium's sandbox wants rights that root and many containers do not give.
  return playwright.launch({ executablePath: await chromium.executablePath(), args: ['--no-sandbox'] });
}

/** A browser window of somebody's own, and all that went wrong or came over the wire in it. */
export interface Visit {
  readonly page: Page;
  /** Errors of scripts, and what the content security policy stopped. */
  readonly complaints: readonly string[];
  /** Every server-sent event, as it was sent. */
  readonly wire: readonly string[];
  leave(): Promise<void>;
}

export async function visit(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  const wire: string[] = [];
  page.on('pageerror', ({ message }) => complaints.push(message));
  page.on('console', (line) => {
    if (line.type() === 'error') complaints.push(line.text());
  });
  const devtools = await context.newCDPSession(page);
  devtools.on('Network.eventSourceMessageReceived', ({ data }) => wire.push(data));
  await devtools.send('Network.enable');
  await page.goto(url);
  await page.locator('.link-live').waitFor();
  return { page, complaints, wire, leave: () => context.close() };
}
