// decode.lines and detect.rules as scenarios: parts of the hub's path on their own, in this process.
import { benchDecode } from './decode.ts';
import { benchDetect } from './detect.ts';
import type { Scenario } from './scenario.ts';

export const microScenarios: readonly Scenario[] = [
  { name: 'decode.lines', run: ({ seed, corpus }) => Promise.resolve([benchDecode({ seed, file: corpus[0] })]) },
  { name: 'detect.rules', run: ({ seed, corpus, rules }) => Promise.resolve([benchDetect({ seed, rules, file: corpus[0] })]) },
];
