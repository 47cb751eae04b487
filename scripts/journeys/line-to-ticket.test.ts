// A line's whole way as an operator sees it: a real hub and a real agent enrolled in it over mutual TLS, a file that is
// followed, the console in a real browser. Lines are written as sshd writes them; the addresses are for documentation.
// With ATALAIA_SCREENSHOTS=FOLDER every page is also kept as a picture, wide and narrow, light and dark.
import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserRemedy, openBrowser, openWindow } from '../../hub/console/testing/browser.ts';
import {
  judgeAlert,
  moveTicket,
  openAlert,
  openEvent,
  openTicketOfAlert,
  searchEvents,
  searchUntilFound,
  sidewaysPixels,
  signInTheFirstTime,
  startTail,
  watch,
  type Watched,
} from '../../hub/console/testing/pages.ts';
import { startLocalSite, type LocalSite } from '../programs/local-site.ts';

const found = await openBrowser();
if (!found.ok && process.env.CI === 'true') throw new Error(`no browser runs here: ${found.reason}; ${browserRemedy}`);
if (!found.ok) console.warn(`a line's whole way in a browser: skipped, ${found.reason}; ${browserRemedy}`);

const startMsMax = 180_000;
/** The whole suite runs beside it, on as little as two cores. */
const stepMsMax = 90_000;
const screenshots = process.env.ATALAIA_SCREENSHOTS ?? '';
const looks = ([1_280, 390] as const).flatMap((width) => (['light', 'dark'] as const).map((scheme) => ({ width, scheme })));
const attacker = '203.0.113.66';
const chosenPassword = 'a watchtower by the sea';

describe.skipIf(!found.ok)('a line from the file to the ticket', { timeout: stepMsMax }, () => {
  let folder: string;
  let authLog: string;
  let site: LocalSite | undefined;
  let browser: Browser;
  let page: Page;
  let watched: Watched;
  let origin: string;

  beforeAll(async () => {
    if (!found.ok) return;
    ({ browser } = found);
    folder = await mkdtemp(join(tmpdir(), 'atalaia-way-'));
    authLog = join(folder, 'auth.log');
    await appendFile(authLog, sshd('Server listening on 0.0.0.0 port 22.'));
    site = await startLocalSite({ folder, files: [{ id: 'auth', path: authLog }] });
    origin = new URL(site.status.console).origin;
    page = await openWindow(browser, { width: 1_280, height: 800 });
    watched = watch(page, origin);
  }, startMsMax);

  afterAll(async () => {
    await browser?.close();
    await site?.stop();
    if (folder) await rm(folder, { recursive: true, force: true });
  }, startMsMax);

  test('the first password opens nothing but the form for one of the administrator’s own', async () => {
    await page.goto(origin);
    const firstPassword = (await readFile(site?.firstPasswordFile ?? '', 'utf8')).trim();

    await signInTheFirstTime(page, { name: 'admin', given: firstPassword, chosen: chosenPassword });
  });

  test('the agent is shown as connected, with the file it follows and its last event', async () => {
    const [agent = ''] = await seeAgents(page, origin);
    expect(agent).toContain('Connected');

    await page.getByRole('main').getByRole('row').getByRole('link').first().click();

    const source = page.getByRole('row').filter({ hasText: 'auth' });
    await source.filter({ hasText: /\d s ago/ }).waitFor();
    await source.getByRole('link', { name: 'auth' }).click();
    await page.getByRole('option').filter({ hasText: 'Server listening on 0.0.0.0' }).waitFor();
  });

  test('a line that is appended is found by a search for a word of it and by a field', async () => {
    await appendFile(authLog, sshd('Failed password for invalid user lighthouse from 198.51.100.23 port 40001 ssh2'));

    await searchUntilFound(page, 'lighthouse');
    expect(await searchEvents(page, 'user.name:lighthouse source.ip:198.51.100.23 event.outcome:failure')).toBe(1);
    await openEvent(page, 'lighthouse');

    const event = page.getByRole('complementary', { name: 'Event' });
    await event.getByText('198.51.100.23').first().waitFor();
    await event.getByText('openssh').first().waitFor();
  });

  test('the live tail shows guessing while it happens, and the login that succeeds after it', async () => {
    await startTail(page, attacker);

    for (let guess = 1; guess <= 7; guess++)
      await appendFile(authLog, sshd(`Failed password for root from ${attacker} port 4100${guess} ssh2`));
    await page.getByRole('option').filter({ hasText: 'port 41007' }).waitFor();
    await appendFile(authLog, sshd(`Accepted password for root from ${attacker} port 41999 ssh2`));

    await page
      .getByRole('option')
      .filter({ hasText: `Accepted password for root from ${attacker}` })
      .waitFor();
    expect(await page.getByRole('option').count()).toBe(8);
  });

  test('the alert of level high shows its evidence and takes a verdict', async () => {
    await openAlert(page, 'SSH login succeeded after guessing');
    expect(await page.getByRole('list', { name: 'Evidence' }).innerText()).toContain(`Accepted password for root from ${attacker}`);
    expect(await page.getByRole('main').innerText()).toContain(attacker);

    await judgeAlert(page, 'True positive');

    await page.getByRole('list', { name: 'History' }).getByText('true-positive').waitFor();
  });

  test('its ticket was opened by itself, is moved, and tells who did what', async () => {
    expect(await page.getByRole('link', { name: 'Go to its ticket' }).count()).toBe(1);
    await openTicketOfAlert(page);
    await moveTicket(page, 'triage');

    const history = page.getByRole('list', { name: 'History' });
    await history.getByText('new → triage').waitFor();
    const told = await history.innerText();
    expect(told).toContain('by admin');
    expect(told).toMatch(/opened/i);
    expect(await page.getByRole('list', { name: 'Evidence' }).innerText()).toContain(attacker);
  });

  test('what the operator changed is in the audit trail', async () => {
    await page.goto(`${origin}/audit`);

    for (const action of ['ticket.move', 'alert.verdict', 'session.sign-in']) await page.getByText(action).first().waitFor();
    const moved = page.getByRole('row').filter({ hasText: 'ticket.move' });
    await moved.getByRole('link', { name: /^ticket\// }).click();
    await page.getByRole('list', { name: 'Stages' }).waitFor();
  });

  test.skipIf(screenshots === '')(
    'every page as a picture',
    async () => {
      const paths = await pagePaths(page, origin);
      const wide: string[] = [];
      for (const { width, scheme } of looks) {
        await page.setViewportSize({ width, height: width > 800 ? 800 : 844 });
        await page.emulateMedia({ colorScheme: scheme });
        for (const [name, path] of paths) {
          await page.goto(origin + path);
          await page.getByRole('heading', { level: 1 }).waitFor();
          if (name === 'event') await openEvent(page, 'Accepted password');
          await page.waitForLoadState('networkidle');
          await page.screenshot({ path: join(screenshots, `${name}-${width}-${scheme}.png`), fullPage: true });
          if ((await sidewaysPixels(page)) > 0) wide.push(`${name} at ${width}`);
        }
      }
      expect(wide, 'pages wider than the window').toEqual([]);
    },
    startMsMax,
  );

  test('nothing on the way made the browser complain or ask anybody else', () => {
    expect(watched.complaints).toEqual([]);
  });
});

/** As rsyslog writes it today. */
function sshd(message: string): string {
  return `${new Date().toISOString().replace('Z', '000+00:00')} web1 sshd[811]: ${message}\n`;
}

async function seeAgents(page: Page, origin: string): Promise<string[]> {
  await page.goto(`${origin}/agents`);
  const rows = page.getByRole('main').getByRole('row').filter({ hasText: 'Connected' });
  await rows.first().waitFor();
  return rows.allInnerTexts();
}

async function pagePaths(page: Page, origin: string): Promise<(readonly [name: string, path: string])[]> {
  const firstLink = async (path: string): Promise<string> => {
    await page.goto(origin + path);
    const link = page.getByRole('main').locator(`a[href^="${path}/"]`).first();
    await link.waitFor();
    return (await link.getAttribute('href')) ?? '';
  };
  return [
    ['overview', '/'],
    ['agents', '/agents'],
    ['agent', await firstLink('/agents')],
    ['events', `/events?q=${attacker}`],
    ['event', `/events?q=${attacker}`],
    ['alerts', '/alerts'],
    ['alert', await firstLink('/alerts')],
    ['tickets', '/tickets'],
    ['ticket', await firstLink('/tickets')],
    ['webhooks', '/webhooks'],
    ['audit', '/audit'],
    ['settings', '/settings'],
  ];
}
