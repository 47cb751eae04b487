// A headless Chromium for the tests that look at pages: the system's, else the one that comes as a package.
// Promises: says why there is none, and what to do. It never downloads anything.
import { existsSync } from 'node:fs';
import { chromium as playwright, type Browser, type Page } from 'playwright-core';

const systemPaths = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
export const browserRemedy = 'install Debian’s `chromium`, or on x64 Linux run `npm install` so that @sparticuz/chromium is there';

export type BrowserFound = { readonly ok: true; readonly browser: Browser } | { readonly ok: false; readonly reason: string };

export async function openBrowser(): Promise<BrowserFound> {
  try {
    const system = systemPaths.find((path) => existsSync(path));
    if (system) return { ok: true, browser: await playwright.launch({ executablePath: system, args: ['--no-sandbox'] }) };
    const { default: packaged } = await import('@sparticuz/chromium');
    return { ok: true, browser: await playwright.launch({ executablePath: await packaged.executablePath(), args: packaged.args }) };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error) };
  }
}

export interface Window {
  readonly width: number;
  readonly height: number;
  readonly scheme?: 'light' | 'dark';
}

/** A fresh profile. The locale is named because a browser without one takes the host's, and POSIX is no language tag. */
export async function openWindow(browser: Browser, { width, height, scheme = 'light' }: Window): Promise<Page> {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme, locale: 'en-GB' });
  context.setDefaultTimeout(30_000);
  return context.newPage();
}
