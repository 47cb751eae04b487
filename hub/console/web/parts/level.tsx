// A level as shape, word and colour together: colour alone tells nothing to many people and on paper.
import type { Level } from '../../../ports.ts';

const shapes: Readonly<Record<Level, string>> = {
  critical: 'M4 0h4l4 4v4L8 12H4L0 8V4z',
  high: 'M6 0l6 11H0z',
  medium: 'M6 0l6 6-6 6-6-6z',
  low: 'M1 1h10v10H1z',
  informational: 'M6 1a5 5 0 1 0 0 10A5 5 0 0 0 6 1zm0 2a3 3 0 1 1 0 6 3 3 0 0 1 0-6z',
};

const names: Readonly<Record<Level, string>> = {
  critical: 'Critical',
  high: 'High',
  medium: 'Medium',
  low: 'Low',
  informational: 'Info',
};

export function LevelMark({ level }: { readonly level: Level }) {
  return (
    <span class={`level ${level}`}>
      <svg viewBox="0 0 12 12" aria-hidden="true">
        <path d={shapes[level]} fill="currentColor" fill-rule="evenodd" />
      </svg>
      {names[level]}
    </span>
  );
}
