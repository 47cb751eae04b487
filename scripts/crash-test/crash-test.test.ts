// The short form of the crash test: every kind of source; the agent and the engine killed at random, one named kill point of
// each side, a stop, a full disk, a clock at another hour.
// The long form is run by hand (npm run crash-test -- --rounds 200).
import { expect, test } from 'vitest';
import { killPointNames } from '../../proto/runtime/kill-points.ts';
import { expectedAlerts, idsAttack, ruleIds, sshAttack } from './attacks.ts';
import { deckSize, planRound, type Card } from './round-plan.ts';
import { runRounds } from './run-rounds.ts';
import type { WrittenLine } from './written-lines.ts';

const cards: readonly Card[] = ['hub.after-insert', 'engine-insert', 'agent', 'agent.after-send', 'stop-agent', 'full-agent', 'jump-agent'];

test('an agent, a hub and its engine that are killed lose no line, store none twice, and alert as without kills', async () => {
  const told: string[] = [];

  const result = await runRounds({
    rounds: cards.length,
    seed: 1,
    from: 0,
    isBuilt: false,
    roundsPerAudit: cards.length,
    roundsPerSite: cards.length,
    cards,
    tell: (text) => told.push(text),
  });

  expect(result, told.join('\n')).toMatchObject({ rounds: cards.length, lost: 0, duplicated: 0, problems: [] });
  expect(result.lines).toBeGreaterThan(100);
}, 300_000);

test('a seed gives the same rounds again, and in every deck each kill point once', () => {
  const strikes = Array.from({ length: deckSize }, (_, round) => planRound(7, round).strike);

  expect(Array.from({ length: deckSize }, (_, round) => planRound(7, round).strike)).toEqual(strikes);
  expect(strikes.flatMap((strike) => (strike.is === 'point' ? [strike.point] : [])).sort()).toEqual([...killPointNames].sort());
});

test('what people should see follows from the lines that can have arrived', () => {
  const lineOf = ({ source, part, text }: ReturnType<typeof idsAttack>[number], number: number): WrittenLine => ({
    number,
    source,
    text: text('', ''),
    timeMs: 0,
    part,
    isNoise: false,
    run: source,
  });
  const ids = [...idsAttack(1), ...idsAttack(1), ...idsAttack(2)].map(lineOf);
  const ssh = sshAttack(3).map(lineOf);

  expect(expectedAlerts(ids)).toMatchObject([{ rule: ruleIds.ids, count: 2, opensTicket: true }, { count: 1 }]);
  expect(expectedAlerts(ssh).map(({ rule }) => rule)).toEqual([ruleIds.guessing, ruleIds.success]);
  expect(expectedAlerts(ssh.slice(2)).map(({ rule }) => rule)).toEqual([ruleIds.success]);
  expect(expectedAlerts(ssh.slice(3))).toEqual([]);
});
