import { expect, test } from 'vitest';
import { ruleNotes } from './rule-notes.ts';

const guessing = `title: SSH login failed
id: 11111111-0000-4000-8000-000000000001
description: Only correlations read it.
---
title: SSH password guessing
id: 11111111-0000-4000-8000-000000000002
description: |
  Six or more failed logins from one address.
falsepositives: [A script with an outdated password]
correlation: { rules: [11111111-0000-4000-8000-000000000001] }
`;
const bare = 'title: Bare\nid: 11111111-0000-4000-8000-000000000003\nfalsepositives: none known\n';
const elsewhere = 'title: Elsewhere\nid: x\ncorrelation: { rules: [11111111-0000-4000-8000-000000000002] }\n';
const notes = ruleNotes([
  { file: '0.yml', text: elsewhere },
  { file: 'a.yml', text: guessing },
  { file: 'b.yml', text: bare },
]);

test('an alert is told what its rule’s author says, out of a file with several rules and behind one that only names it', () => {
  expect(notes('11111111-0000-4000-8000-000000000002')).toEqual({
    description: 'Six or more failed logins from one address.',
    falsePositives: ['A script with an outdated password'],
  });
});

test.each(['11111111-0000-4000-8000-000000000003', 'atalaia-poison-line', ''])('a rule without words has nothing to say: %s', (ruleId) => {
  expect(notes(ruleId)).toEqual({ description: '', falsePositives: [] });
});
