// The hub that the package is checked against: this checkout's own, on loopback.
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import type { Program } from '../../programs/program.ts';
import { askHub, hubStatus, startHub } from '../../programs/site.ts';

const tokenSchema = z.looseObject({ token: z.string() });
const foundSchema = z.looseObject({ events: z.array(z.unknown()) });
const arriveMsMax = 60_000;
const dayMs = 86_400_000;

export interface CheckHub {
  /** The agents' port. */
  readonly url: string;
  token(): Promise<string>;
  /** How many events hold the word, once there are `count`, or when time is up. */
  arrived(word: string, count: number): Promise<number>;
  stop(): Promise<void>;
}

export async function startCheckHub(data: string): Promise<CheckHub> {
  const hub: Program = await startHub({ data, console: '127.0.0.1:0', agents: '127.0.0.1:0' });
  const status = await hubStatus(data);
  if (!status) throw new Error(`the hub does not say where it listens; its last words:\n${hub.tail}`);
  const url = new URL(status.agents);
  url.hostname = 'localhost';
  const countOf = async (word: string): Promise<number> => {
    const [sinceMs, untilMs] = [Date.now() - dayMs, Date.now() + dayMs];
    return foundSchema.parse(await askHub(data, 'search', { query: word, sinceMs, untilMs, limit: 1_000 })).events.length;
  };
  return {
    url: url.href.replace(/\/$/, ''),
    token: async () => tokenSchema.parse(await askHub(data, 'token create', { note: 'package check' })).token,
    arrived: async (word, count) => {
      let found = await countOf(word);
      for (const untilMs = Date.now() + arriveMsMax; found < count && Date.now() < untilMs; await delay(200)) found = await countOf(word);
      return found;
    },
    stop: () => hub.stop(),
  };
}
