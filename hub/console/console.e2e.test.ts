// The console in a real browser: the real server and pages over a world in memory, wide and narrow, by mouse and by keys.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { browserRemedy, openBrowser, openWindow } from './testing/browser.ts';
import { memoryConsole, signInAs, testPassword, type MemoryConsole } from './testing/memory-console.ts';
import {
  chooseTheme,
  goByKey,
  moveTicket,
  openAlert,
  openEvent,
  openTicketOfAlert,
  searchEvents,
  seeAgent,
  sidewaysPixels,
  signIn,
  signInTheFirstTime,
  watch,
} from './testing/pages.ts';
import { buildWeb } from './web/build.ts';

const found = await openBrowser();
if (!found.ok && process.env.CI === 'true') throw new Error(`no browser runs here: ${found.reason}; ${browserRemedy}`);
if (!found.ok) console.warn(`console in a browser: skipped, ${found.reason}; ${browserRemedy}`);

/** The whole suite runs beside it, on as little as two cores. */
const testMsMax = 90_000;
const firstLoadBytesMax = 300 * 1024;
const screenshots = process.env.ATALAIA_SCREENSHOTS ?? '';

describe.skipIf(!found.ok)('the console in a browser', { timeout: testMsMax }, () => {
  let folder: string;
  let it: MemoryConsole;
  let origin: string;
  let browser: Browser;
  let firstLoadBytes: number;

  beforeAll(async () => {
    if (!found.ok) return;
    ({ browser } = found);
    folder = await mkdtemp(join(tmpdir(), 'atalaia-console-'));
    ({ firstLoadBytes } = await buildWeb(join(folder, 'web')));
  });
  beforeEach(async () => {
    it = await memoryConsole({ webRoot: join(folder, 'web') });
    origin = await it.app.listen({ host: '127.0.0.1', port: 0 });
    return () => it.app.close();
  });
  afterAll(async () => {
    await browser?.close();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  const openPage = (width: number, height: number, scheme: 'light' | 'dark' = 'light'): Promise<Page> =>
    openWindow(browser, { width, height, scheme });
  const shoot = async (page: Page, name: string): Promise<void> => {
    if (screenshots !== '') await page.screenshot({ path: join(screenshots, `${name}.png`) });
  };

  test('the first load is small and asks nobody else', () => {
    expect(firstLoadBytes).toBeLessThan(firstLoadBytesMax);
  });

  test.each([
    ['wide', 1_280, 800],
    ['narrow', 390, 844],
  ])('%s: sign in, see an agent, find a line, open an alert, open and move its ticket', async (size, width, height) => {
    const page = await openPage(width, height);
    const watched = watch(page, origin);
    await page.goto(origin);
    await shoot(page, `${size}-sign-in`);
    await signIn(page, { name: 'analyst', password: testPassword });
    await page.getByText('Sources that need a look').waitFor();
    const widths: number[] = [];
    const look = async (name: string): Promise<void> => {
      await shoot(page, `${size}-${name}`);
      widths.push(await sidewaysPixels(page));
    };
    await look('overview');

    await seeAgent(page, 'web1');
    await look('agents');
    await page.getByRole('link', { name: 'web1', exact: true }).click();
    await page.getByRole('link', { name: 'nginx' }).waitFor();
    await look('agent');
    expect(await searchEvents(page, 'sshd root')).toBeGreaterThan(5);
    await look('events');
    await openEvent(page, 'Failed password for root');
    await look('event');
    await openAlert(page, 'Cross-site scripting in a request');
    await look('alert');
    await openTicketOfAlert(page);
    await moveTicket(page, 'triage');
    await look('ticket');
    await page.goto(`${origin}/tickets`);
    await page.getByRole('link', { name: 'Cross-site scripting in a request' }).waitFor();
    await look('tickets');

    expect(it.world.tickets.find(({ title }) => title.startsWith('Cross-site'))?.stage).toBe('triage');
    expect(widths, 'pixels that a page is wider than the window').toEqual(widths.map(() => 0));
    expect(watched.complaints).toEqual([]);
  });

  test('the alert queue works by keys alone: move, open, judge, ticket, back', async () => {
    const page = await openPage(1_280, 800);
    await page.goto(origin);
    await signIn(page, { name: 'analyst', password: testPassword });

    await goByKey(page, 'a');
    await page.getByRole('link', { name: 'SSH password guessed' }).waitFor();
    for (const key of ['j', 'j', 'k', 'Enter']) await page.keyboard.press(key);
    await page.getByRole('list', { name: 'Evidence' }).waitFor();
    await page.keyboard.press('1');
    await page.getByText('Verdict: True positive').waitFor();
    await page.keyboard.press('t');
    await page.getByRole('list', { name: 'Stages' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Go to its ticket' }).waitFor();
    await page.keyboard.press('?');

    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    expect(it.world.alerts[0]).toMatchObject({ verdict: 'true-positive' });
  });

  test('a value clicked in an event becomes a term of the query, and the address alone gives the page back', async () => {
    const page = await openPage(1_280, 800);
    await page.goto(origin);
    await signIn(page, { name: 'viewer', password: testPassword });
    await searchEvents(page, 'sshd');
    await openEvent(page, 'oracle');

    await page.getByRole('button', { name: 'Only user.name oracle' }).click();
    await page.getByLabel('Search events').and(page.locator('[value="sshd user.name:oracle"]')).waitFor();
    const other = await page.context().newPage();
    await other.goto(page.url());

    await other.getByRole('option').first().waitFor();
    expect(await other.getByLabel('Search events').inputValue()).toBe('sshd user.name:oracle');
    expect(await other.getByRole('option').filter({ hasNotText: 'oracle' }).count()).toBe(0);
  });

  test('the live tail shows a line that arrives now', async () => {
    const page = await openPage(1_280, 800);
    await page.goto(origin);
    await signIn(page, { name: 'viewer', password: testPassword });
    await page.goto(`${origin}/events?tail=1&q=tailmark`);
    await page.getByText('Waiting for the next event').waitFor();

    const [model] = it.world.events;
    const nowMs = Date.now();
    if (model) it.world.events.unshift({ ...model, id: `${model.id}9`, timeMs: nowMs, ingestedMs: nowMs, raw: 'a tailmark came by' });

    await page.getByRole('option', { name: 'a tailmark came by' }).waitFor();
  });

  test('whoever has a given password sees the form for an own one, then the page that was asked for', async () => {
    const administrator = await signInAs(it.app, 'administrator');
    await administrator.call('POST', '/api/v1/users', { name: 'newcomer', role: 'viewer', password: 'given by somebody' });
    const page = await openPage(390, 844);
    await page.goto(`${origin}/alerts`);

    await signInTheFirstTime(page, { name: 'newcomer', given: 'given by somebody', chosen: 'chosen by the newcomer' });

    await page.getByRole('heading', { level: 1, name: 'Alerts' }).waitFor();
    expect(await sidewaysPixels(page)).toBe(0);
  });

  test('what a viewer may not do is shown with the reason and does nothing', async () => {
    const page = await openPage(1_280, 800);
    await page.goto(origin);
    await signIn(page, { name: 'viewer', password: testPassword });
    await openAlert(page, 'SSH password guessing');

    const button = page.getByRole('button', { name: /^Open ticket/ });
    expect(await button.getAttribute('aria-disabled')).toBe('true');
    expect(await button.getAttribute('title')).toContain('alerts.triage');
    expect(it.world.tickets).toHaveLength(1);
  });

  test('an administrator enrols an agent and makes a webhook; token and secret are shown once', async () => {
    const page = await openPage(1_280, 800, 'dark');
    const watched = watch(page, origin);
    await page.goto(origin);
    await signIn(page, { name: 'administrator', password: testPassword });
    await page.getByText('Sources that need a look').waitFor();
    await shoot(page, 'dark-overview');

    await page.goto(`${origin}/agents?enrol=1`);
    await page.getByRole('button', { name: 'Create a token' }).click();
    await page.getByText(/^\s*atl1\./).waitFor();
    await shoot(page, 'dark-enrol');
    await page.goto(`${origin}/webhooks`);
    await page.getByRole('button', { name: 'New webhook' }).click();
    await page.getByLabel('Name').fill('chat');
    await page.getByLabel('Address').fill('https://hooks.example.org/a');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('whsec_').waitFor();
    await page.getByRole('button', { name: 'I have stored it' }).click();
    await page.getByRole('link', { name: 'chat' }).click();
    await page.getByRole('button', { name: 'Send a test' }).click();
    await page.getByText('Answered 204').waitFor();
    await shoot(page, 'dark-webhooks');
    for (const name of ['alerts', 'events', 'audit', 'settings']) {
      await page.goto(`${origin}/${name}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.waitForLoadState('networkidle');
      await shoot(page, `dark-${name}`);
    }
    await chooseTheme(page, 'light');

    expect(it.world.webhooks[0]).toMatchObject({ name: 'chat', minimumLevel: 'high', isEnabled: true });
    expect(await page.locator('html').getAttribute('data-theme')).toBe('light');
    expect(await page.getByText('whsec_').count()).toBe(0);
    expect(watched.complaints).toEqual([]);
  });
});
