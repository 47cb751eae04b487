// The alert queue, made for the keyboard: j k enter. Filters and selection stand in the address.
import { levels } from '../../../ports.ts';
import type { AlertSummary } from '../../api/shapes.ts';
import { get, session } from '../api.ts';
import { count, words } from '../format.ts';
import { useListKeys } from '../keyboard.ts';
import { useLoaded } from '../loading.ts';
import { LevelMark } from '../parts/level.tsx';
import { Empty, ProblemBox, When } from '../parts/small-parts.tsx';
import { go, param, place, setParams } from '../router.ts';

interface AlertList {
  readonly alerts: readonly AlertSummary[];
  readonly after: string;
}

export function AlertsPage() {
  const path = `alerts?${apiParams().toString()}`;
  const { value, problem } = useLoaded((signal) => get<AlertList>(path, signal), { key: path, everyMs: 5_000 });
  const alerts = value.value?.alerts ?? [];
  const selected = alerts.findIndex(({ id }) => id === param('at'));
  const pick = (index: number): void => setParams({ at: alerts[Math.min(alerts.length - 1, Math.max(0, index))]?.id ?? '' });
  useListKeys({
    move: (step) => pick(selected + step),
    open: () => {
      const alert = alerts[Math.max(0, selected)];
      if (alert) go(`/alerts/${alert.id}`);
    },
    back: () => setParams({ at: '' }),
  });
  return (
    <>
      <div class="title">
        <h1>Alerts</h1>
        <span class="small muted">{value.value ? `${count(alerts.length)}${value.value.after === '' ? '' : '+'} shown` : ''}</span>
      </div>
      <Filters />
      <ProblemBox problem={problem.value} />
      {value.value && (
        <section class="card">
          {alerts.length === 0 ? <NoAlerts /> : <AlertTable alerts={alerts} selectedId={param('at')} />}
          {value.value.after !== '' && (
            <div class="body">
              <a href={`/alerts?${withAfter(value.value.after)}`}>Next page</a>
            </div>
          )}
        </section>
      )}
    </>
  );
}

function apiParams(): URLSearchParams {
  const { params } = place.value;
  const wanted = new URLSearchParams();
  for (const name of ['status', 'level', 'verdict', 'assignee', 'text', 'after']) {
    const value = params.get(name);
    if (value !== null && value !== '') wanted.set(name, value);
  }
  return wanted;
}

function withAfter(after: string): string {
  const params = new URLSearchParams(place.value.params);
  params.set('after', after);
  return params.toString();
}

function NoAlerts() {
  const isFiltered = [...apiParams().keys()].length > 0;
  return isFiltered ? (
    <Empty title="No alert fits these filters">
      <button type="button" onClick={() => go('/alerts')}>
        Show all open alerts
      </button>
    </Empty>
  ) : (
    <Empty title="The queue is empty">
      <p>No rule has matched anything that is still open. New alerts appear here by themselves.</p>
    </Empty>
  );
}

function Filters() {
  const status = param('status', 'open');
  const chosen = param('level').split(',').filter(Boolean);
  const toggle = (level: string): void => {
    const next = chosen.includes(level) ? chosen.filter((one) => one !== level) : [...chosen, level];
    setParams({ level: next.join(','), after: '', at: '' });
  };
  const me = session.value?.user?.name ?? '';
  return (
    <div class="row">
      <div class="tabs" role="group" aria-label="Status">
        {['open', 'closed', 'all'].map((one) => (
          <button
            type="button"
            key={one}
            aria-pressed={status === one}
            onClick={() => setParams({ status: one === 'open' ? '' : one, after: '', at: '' })}
          >
            {words(one)}
          </button>
        ))}
      </div>
      <div class="tabs" role="group" aria-label="Levels">
        {levels.toReversed().map((level) => (
          <button type="button" key={level} aria-pressed={chosen.includes(level)} onClick={() => toggle(level)}>
            <LevelMark level={level} />
          </button>
        ))}
      </div>
      <button
        type="button"
        aria-pressed={param('assignee') === me}
        onClick={() => setParams({ assignee: param('assignee') === me ? '' : me, after: '' })}
      >
        Mine
      </button>
      <input
        data-search
        type="search"
        aria-label="Find in titles, rules and values"
        placeholder="Find"
        value={param('text')}
        onInput={(event) => setParams({ text: event.currentTarget.value, after: '', at: '' })}
      />
    </div>
  );
}

function AlertTable({ alerts, selectedId }: { readonly alerts: readonly AlertSummary[]; readonly selectedId: string }) {
  return (
    <div class="scroll">
      <table class="fold">
        <thead>
          <tr>
            <th>Level</th>
            <th>Alert</th>
            <th class="number">Count</th>
            <th>Last event</th>
            <th>Verdict</th>
            <th>Assigned</th>
            <th>Ticket</th>
          </tr>
        </thead>
        <tbody>
          {alerts.map((alert) => (
            <tr key={alert.id} class="pick" aria-selected={alert.id === selectedId} onClick={() => go(`/alerts/${alert.id}`)}>
              <td>
                <LevelMark level={alert.level} />
              </td>
              <td class="whole">
                <a href={`/alerts/${alert.id}`}>{alert.title}</a> <span class="muted mono">{aboutOf(alert.group)}</span>
              </td>
              <td class="number" data-name="Count">
                {count(alert.count)}
              </td>
              <td data-name="Last">
                <When ms={alert.lastMs} />
              </td>
              <td class="nowrap" data-name="Verdict">
                {alert.verdict === '' ? <span class="muted">none yet</span> : words(alert.verdict)}
              </td>
              <td data-name="Assigned">{alert.assignee === '' ? <span class="muted">nobody</span> : alert.assignee}</td>
              <td data-name="Ticket">
                {alert.ticketId === '' ? <span class="muted">none</span> : <a href={`/tickets/${alert.ticketId}`}>Ticket</a>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The agent's id keeps hosts apart and tells nobody anything; the alert's own page has it. */
function aboutOf(group: AlertSummary['group']): string {
  return group
    .filter(({ field }) => field !== 'agent.id')
    .map(({ value }) => value)
    .join(' ');
}
