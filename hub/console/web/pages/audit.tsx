// Who changed what, newest first.
import type { AuditView } from '../../api/shapes.ts';
import { get } from '../api.ts';
import { words } from '../format.ts';
import { useLoaded } from '../loading.ts';
import { Empty, Health, ProblemBox, When } from '../parts/small-parts.tsx';
import { hrefWith, param } from '../router.ts';

const looks = { done: 'good', refused: 'warn', failed: 'bad', started: 'muted' } as const;

export function AuditPage() {
  const after = param('after');
  const { value, problem } = useLoaded((signal) => get<{ entries: AuditView[]; after: string }>(`audit?limit=100&after=${after}`, signal), {
    key: after,
  });
  const page = value.value;
  return (
    <>
      <div class="title">
        <h1>Audit</h1>
      </div>
      <ProblemBox problem={problem.value} />
      {page && (
        <section class="card">
          {page.entries.length === 0 ? (
            <Empty title="Nothing has been changed yet" />
          ) : (
            <div class="scroll">
              <table class="fold">
                <thead>
                  <tr>
                    <th>Time</th>
                    <th>Who</th>
                    <th>What</th>
                    <th>Outcome</th>
                    <th>Object</th>
                  </tr>
                </thead>
                <tbody>
                  {page.entries.map((entry) => (
                    <tr key={entry.id}>
                      <td>
                        <When ms={entry.atMs} />
                      </td>
                      <td>
                        {entry.actor} <span class="muted small">{entry.address}</span>
                      </td>
                      <td class="nowrap">{entry.action}</td>
                      <td>
                        <Health is={looks[entry.outcome]} text={words(entry.outcome)} />
                      </td>
                      <td class="whole">
                        <Thing object={entry.object} /> {entry.text !== '' && <span class="muted">{entry.text}</span>}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
        </section>
      )}
      <div class="row">
        {after !== '' && <a href="/audit">Newest</a>}
        {page !== undefined && page.after !== '' && <a href={hrefWith({ after: page.after })}>Older</a>}
      </div>
    </>
  );
}

/** `ticket/32b3…`: what has a page of its own is a link to it. */
function Thing({ object }: { readonly object: string }) {
  const [kind = '', id = ''] = object.split('/');
  const hasPage = /^(?:alert|ticket|agent)$/.test(kind) && id !== '';
  return hasPage ? (
    <a class="mono" href={`/${kind}s/${id}`}>
      {object}
    </a>
  ) : (
    <span class="mono">{object}</span>
  );
}
