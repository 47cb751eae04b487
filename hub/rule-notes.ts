// What a rule's author says to whoever reads its alert: why it matters and what else it may be. Read from the rule's file
// when somebody looks, because the matching threads keep nothing that they do not match by.
// Promises: what was answered is kept; a rule that is not there (any more),
// such as those the hub has about itself, has nothing to say.
import * as z from 'zod';
import { composeYaml } from '../config/compose-yaml.ts';
import type { RuleSource } from './work.ts';

export interface RuleNote {
  readonly description: string;
  readonly falsePositives: readonly string[];
}

export type RuleNotes = (ruleId: string) => RuleNote;

const notesMax = 1_000;
const textMax = 4_000;
const nothing: RuleNote = { description: '', falsePositives: [] };
const noted = z.object({
  id: z.string(),
  description: z.string().catch(''),
  falsepositives: z.array(z.string()).catch([]),
});

export function ruleNotes(rules: readonly RuleSource[]): RuleNotes {
  const known = new Map<string, RuleNote>();
  return (ruleId) => {
    const before = known.get(ruleId);
    if (before) return before;
    const note = findNote(rules, ruleId);
    if (known.size < notesMax) known.set(ruleId, note);
    return note;
  };
}

function findNote(rules: readonly RuleSource[], ruleId: string): RuleNote {
  // A correlation in another file may name the rule too.
  for (const { text } of ruleId === '' ? [] : rules.filter(({ text }) => text.includes(ruleId))) {
    const composed = composeYaml(text);
    for (const document of composed.is === 'composed' ? composed.documents : []) {
      const parsed = noted.safeParse(document.toJS());
      if (!parsed.success || parsed.data.id !== ruleId) continue;
      const { description, falsepositives } = parsed.data;
      return { description: description.trim().slice(0, textMax), falsePositives: falsepositives.map((one) => one.slice(0, textMax)) };
    }
  }
  return nothing;
}
