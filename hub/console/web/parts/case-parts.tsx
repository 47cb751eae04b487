// What alerts and tickets both show: the history, and the evidence with its hashes.
import type { AlertView, HistoryView } from '../../api/shapes.ts';
import { headlineOf } from '../evidence-line.ts';
import { words } from '../format.ts';
import { When } from './small-parts.tsx';

export function History({ entries }: { readonly entries: readonly HistoryView[] }) {
  return (
    <ol class="history" aria-label="History">
      {entries.toReversed().map((entry) => (
        <li key={`${entry.atMs} ${entry.what} ${entry.text}`}>
          <div class="row small">
            <strong>{words(entry.what)}</strong>
            <span class="muted">
              by {entry.by} · <When ms={entry.atMs} />
            </span>
          </div>
          {entry.text !== '' && <p>{entry.text}</p>}
        </li>
      ))}
    </ol>
  );
}

export function EvidenceList({ evidence }: { readonly evidence: AlertView['evidence'] }) {
  if (evidence.length === 0) return <p class="empty">No lines were copied.</p>;
  return (
    <ol class="evidence" aria-label="Evidence">
      {evidence.map((one) => (
        <li key={one.eventId} class="stack">
          <div class="row small">
            <When ms={one.timeMs} />
            <a href={`/agents/${one.agentId}`}>{one.sourceId}</a>
            <a href={`/events?range=${one.timeMs - 300_000}-${one.timeMs + 300_000}&event=${encodeURIComponent(one.eventId)}`}>
              events around it
            </a>
            <span class="muted" title={`SHA-256 ${one.sha256}`}>
              sha256 {one.sha256.slice(0, 12)}…{one.isCut ? ' (shortened here)' : ''}
            </span>
          </div>
          <Line raw={one.raw} />
        </li>
      ))}
    </ol>
  );
}

function Line({ raw }: { readonly raw: string }) {
  const headline = headlineOf(raw);
  if (headline === undefined) return <pre class="rawline">{raw}</pre>;
  return (
    <details>
      <summary class="mono">{headline}</summary>
      <pre class="rawline">{raw}</pre>
    </details>
  );
}
