// What is going on, on one screen: rates, open alerts, tickets, agents, silent sources, the hub's own health.
import { levels } from '../../../ports.ts';
import type { HealthView, OverviewView } from '../../api/shapes.ts';
import { get } from '../api.ts';
import { bytes, count, plural, rate, words } from '../format.ts';
import { useLoaded } from '../loading.ts';
import { LevelMark } from '../parts/level.tsx';
import { RateChart } from '../parts/rate-chart.tsx';
import { Empty, Health, ProblemBox, When } from '../parts/small-parts.tsx';

export function OverviewPage() {
  const { value, problem } = useLoaded((signal) => get<OverviewView>('overview', signal), { key: 'overview', everyMs: 3_000 });
  const overview = value.value;
  return (
    <>
      <div class="title">
        <h1>Overview</h1>
        {overview && (
          <span class="end small muted">
            as of <When ms={overview.nowMs} />
          </span>
        )}
      </div>
      <ProblemBox problem={problem.value} />
      {overview && (
        <div class="overview">
          <div class="stack">
            <Rates overview={overview} />
            <Sources overview={overview} />
            <Hub health={overview.health} />
          </div>
          <div class="stack">
            <Alerts overview={overview} />
            <Tickets overview={overview} />
          </div>
        </div>
      )}
    </>
  );
}

function Rates({ overview }: { readonly overview: OverviewView }) {
  const newest = overview.rates.at(-1);
  const { agents } = overview;
  return (
    <section class="card" aria-label="Rates">
      <header>
        <h2>Events per second</h2>
        <a class="end" href="/events?tail=1">
          Live tail
        </a>
      </header>
      <div class="body stack">
        <div class="figures">
          <Figure label="Events/s now" value={rate(newest?.eventsPerSecond ?? 0)} />
          <Figure label="Read/s" value={bytes(newest?.bytesPerSecond ?? 0)} />
          <Figure label="Agents connected" value={`${agents.connected} of ${agents.total - agents.revoked}`} href="/agents" />
          <Figure label="Sources" value={count(overview.sourcesTotal)} href="/agents" />
        </div>
        {overview.rates.length === 0 ? (
          <Empty title="Nothing has arrived yet">
            <p>
              <a href="/agents?enrol=1">Enrol an agent</a>, and its lines are counted here.
            </p>
          </Empty>
        ) : (
          <RateChart points={overview.rates} />
        )}
      </div>
    </section>
  );
}

function Figure({ label, value, href }: { readonly label: string; readonly value: string; readonly href?: string }) {
  return (
    <div>
      <span class="small muted">{label}</span>
      <strong>{href === undefined ? value : <a href={href}>{value}</a>}</strong>
    </div>
  );
}

function Alerts({ overview }: { readonly overview: OverviewView }) {
  return (
    <section class="card" aria-label="Open alerts">
      <header>
        <h2>Open alerts</h2>
        <a class="end" href="/alerts">
          Queue
        </a>
      </header>
      <ul class="rows">
        {levels.toReversed().map((level) => (
          <li key={level}>
            <a href={`/alerts?level=${level}`}>
              <LevelMark level={level} />
              <span class="end">{count(overview.alertsByLevel[level])}</span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Tickets({ overview }: { readonly overview: OverviewView }) {
  return (
    <section class="card" aria-label="Tickets by stage">
      <header>
        <h2>Tickets by stage</h2>
        <a class="end" href="/tickets">
          All
        </a>
      </header>
      <ul class="rows">
        {overview.ticketsByStage.map(({ stage, count: tickets }) => (
          <li key={stage}>
            <a href={`/tickets?stage=${stage}${stage === 'closed' ? '&state=all' : ''}`}>
              <span>{words(stage)}</span>
              <span class="end">{count(tickets)}</span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Sources({ overview }: { readonly overview: OverviewView }) {
  return (
    <section class="card" aria-label="Sources that need a look">
      <header>
        <h2>Sources that need a look</h2>
      </header>
      {overview.silentSources.length === 0 ? (
        <Empty title="Every source is speaking" />
      ) : (
        <ul class="rows">
          {overview.silentSources.map((source) => (
            <li key={`${source.agentId} ${source.sourceId}`}>
              <a href={`/agents/${source.agentId}`}>
                <Health is={source.problem === '' ? 'warn' : 'bad'} text={source.problem === '' ? 'Silent' : 'Problem'} />
                <span>
                  {source.agentName} / {source.sourceId} {source.problem !== '' && <span class="muted">{source.problem}</span>}
                </span>
                <span class="end small">
                  <When ms={source.lastReadMs} now={overview.nowMs} never="nothing read yet" />
                </span>
              </a>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Hub({ health }: { readonly health: HealthView }) {
  const { journal, store, detection } = health;
  return (
    <section class="card" aria-label="Health of the hub">
      <header>
        <h2>Hub</h2>
        <span class="end">
          <Health is={health.isWell ? 'good' : 'bad'} text={health.isWell ? 'Well' : 'Needs a look'} />
        </span>
      </header>
      <div class="body stack">
        {health.problems.map((problem) => (
          <p class="bad" key={problem}>
            {problem}
          </p>
        ))}
        <dl class="pairs">
          <dt>Journal</dt>
          <dd>
            {journal.isFull ? <Health is="bad" text="Full: agents buffer" /> : <Health is="good" text="Taking writes" />} ·{' '}
            {count(journal.pendingWrites)} writes waiting · {bytes(journal.bytes)}
          </dd>
          <dt>Event store</dt>
          <dd>
            {store.isUp ? <Health is="good" text="Up" /> : <Health is="bad" text="Down: the journal keeps everything" />} ·{' '}
            {count(store.rows)} events · {bytes(store.bytesOnDisk)} on disk · {plural(store.restarts, 'restart')}
          </dd>
          <dt>Detection</dt>
          <dd>
            {count(detection.rulesLoaded)} rules loaded
            {detection.rulesRefused > 0 && <span class="bad"> · {count(detection.rulesRefused)} refused</span>}
          </dd>
          <dt>Version</dt>
          <dd>
            {health.version} · since <When ms={health.startedMs} />
          </dd>
        </dl>
      </div>
    </section>
  );
}
