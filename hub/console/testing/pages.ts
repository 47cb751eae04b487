// What a person does on the pages, as functions, so that every test in a browser says it the same way.
// Promises: each waits for what a person would wait for, and finds things by the words a person reads.
import type { Page } from 'playwright-core';

const searchesMax = 100;

export interface Watched {
  /** Console errors, page errors, refused by the content security policy, and requests to anywhere else. */
  readonly complaints: readonly string[];
}

/** Begin to listen before the first page is opened. */
export function watch(page: Page, origin: string): Watched {
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`page error: ${error.message}`));
  page.on('request', (request) => {
    if (!request.url().startsWith(origin)) complaints.push(`request to ${request.url()}`);
  });
  return { complaints };
}

export async function signIn(page: Page, { name, password }: { readonly name: string; readonly password: string }): Promise<void> {
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('navigation', { name: 'Pages' }).waitFor();
}

/** With a password that somebody else gave: nothing opens before one of one's own is chosen. */
export async function signInTheFirstTime(
  page: Page,
  { name, given, chosen }: { readonly name: string; readonly given: string; readonly chosen: string },
): Promise<void> {
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password').fill(given);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByLabel('Present password').fill(given);
  await page.getByLabel(/^New password/).fill(chosen);
  await page.getByRole('button', { name: 'Change password' }).click();
  await page.getByRole('navigation', { name: 'Pages' }).waitFor();
}

/** `g` and a letter, as on the keyboard. */
export async function goByKey(page: Page, letter: string): Promise<void> {
  await page.keyboard.press('g');
  await page.keyboard.press(letter);
}

export async function seeAgent(page: Page, name: string): Promise<void> {
  await page.goto(new URL('/agents', page.url()).href);
  await page.getByRole('link', { name, exact: true }).waitFor();
}

/** Searches and resolves with how many rows are in the page. */
export async function searchEvents(page: Page, query: string): Promise<number> {
  await page.goto(new URL(`/events?q=${encodeURIComponent(query)}`, page.url()).href);
  const rows = page.getByRole('option');
  await rows.first().waitFor();
  return rows.count();
}

/** Presses Search again, as a person does, until something is found. */
export async function searchUntilFound(page: Page, query: string): Promise<void> {
  await page.goto(new URL('/events', page.url()).href);
  await page.getByLabel('Search events').fill(query);
  // The page shows events before anything is searched for: only one with the words counts.
  const row = page.getByRole('option').filter({ hasText: query }).first();
  for (let round = 0; round < searchesMax && !(await row.isVisible()); round++) {
    await page.getByRole('button', { name: 'Search', exact: true }).click();
    await page.getByText(/\d events? ·/).waitFor();
  }
  await row.waitFor();
}

/** Resolves when the tail waits for its first event. */
export async function startTail(page: Page, query: string): Promise<void> {
  await page.goto(new URL(`/events?q=${encodeURIComponent(query)}`, page.url()).href);
  await page.getByRole('button', { name: 'Live' }).click();
  await page.locator('[aria-live]').getByText('Live', { exact: true }).waitFor();
  await page.getByText('Waiting for the next event').waitFor();
}

export async function openEvent(page: Page, text: string): Promise<void> {
  await page.getByRole('option').filter({ hasText: text }).first().click();
  await page.getByRole('complementary', { name: 'Event' }).waitFor();
}

export async function openAlert(page: Page, title: string): Promise<void> {
  await page.goto(new URL('/alerts', page.url()).href);
  await page.getByRole('link', { name: title, exact: true }).first().click();
  await page.getByRole('list', { name: 'Evidence' }).waitFor();
}

/** On an alert's page. */
export async function judgeAlert(page: Page, verdict: string): Promise<void> {
  await page.getByRole('region', { name: 'Verdict' }).getByRole('button', { name: verdict, exact: true }).click();
  await page.getByText(`Verdict: ${verdict}`).waitFor();
}

/** From an open alert; leads to its ticket. */
export async function openTicketOfAlert(page: Page): Promise<void> {
  const make = page.getByRole('button', { name: /^Open ticket/ });
  const known = page.getByRole('link', { name: 'Go to its ticket' });
  await make.or(known).first().click();
  await page.getByRole('list', { name: 'Stages' }).waitFor();
}

export async function moveTicket(page: Page, stage: string): Promise<void> {
  await page.getByRole('button', { name: `Move to ${stage}` }).click();
  await page.getByRole('button', { name: 'Move it' }).click();
  await page
    .locator('li[aria-current="step"]')
    .filter({ hasText: new RegExp(stage, 'i') })
    .waitFor();
}

/** The page is as wide as the window: nothing has to be pushed sideways. */
export async function sidewaysPixels(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

export async function chooseTheme(page: Page, theme: 'light' | 'dark'): Promise<void> {
  await page.evaluate((chosen) => localStorage.setItem('atalaia.theme', chosen), theme);
  await page.reload();
}
