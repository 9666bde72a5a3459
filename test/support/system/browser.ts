import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import chromium from '@sparticuz/chromium';
import { type Browser, type BrowserContextOptions, type Page, chromium as playwright } from 'playwright-core';

/**
 * The Chromium of the npm package, which needs no root and no download. Not with the package's own arguments, which switch web
 * security off and put everything into one process.
 */
export async function openBrowser(): Promise<Browser> {
  const folder = await mkdtemp(join(tmpdir(), 'chromium-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    // Chromium's sandbox needs rights that root and many containers do not give.
    const browser = await playwright.launch({ executablePath: await unpackInto(folder), args: ['--no-sandbox'] });
    browser.on('disconnected', () => void remove());
    return browser;
  } catch (error) {
    await remove();
    throw error;
  }
}

/** The package uses any `chromium` in the temporary folder, even another user's, or half of one. */
async function unpackInto(folder: string): Promise<string> {
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = folder;
  try {
    return await chromium.executablePath();
  } finally {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  }
}

/** A separate browser window, and all errors and messages in it. */
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
