// One agent: its state, its sources with lag and last line, and the way to refuse it.
import { useSignal } from '@preact/signals';
import type { AgentView } from '../../api/shapes.ts';
import { get, send } from '../api.ts';
import { bytes, count, rate, waiting } from '../format.ts';
import { useListKeys } from '../keyboard.ts';
import { useLoaded } from '../loading.ts';
import { Asking, textOf } from '../parts/asking.tsx';
import { Act, Empty, Field, Health, ProblemBox, When } from '../parts/small-parts.tsx';
import { say } from '../parts/toast.tsx';
import { go } from '../router.ts';
import { agentHealth } from './agents.tsx';

export function AgentPage({ id }: { readonly id: string }) {
  const { value, problem, reload } = useLoaded((signal) => get<AgentView>(`agents/${id}`, signal), { key: id, everyMs: 3_000 });
  const isRevoking = useSignal(false);
  useListKeys({ move: () => undefined, open: () => undefined, back: () => go('/agents') });
  const agent = value.value;
  return (
    <>
      <div class="title">
        <h1>
          <a href="/agents">Agents</a> / {agent?.name ?? id}
        </h1>
        {agent && <Health {...agentHealth(agent)} />}
        {agent && (
          <div class="end">
            <a href={`/events?q=${encodeURIComponent(`agent.id:${id}`)}`}>Its events</a>
            <Act
              look="danger"
              action="agents.revoke"
              blocked={agent.isRevoked ? 'It is revoked already.' : ''}
              onClick={() => (isRevoking.value = true)}
            >
              Revoke
            </Act>
          </div>
        )}
      </div>
      <ProblemBox problem={problem.value} />
      {agent && (
        <div class="detail">
          <Sources agent={agent} />
          <About agent={agent} />
        </div>
      )}
      {isRevoking.value && agent && <Revoke agent={agent} onClose={() => (isRevoking.value = false)} onDone={reload} />}
    </>
  );
}

function Sources({ agent }: { readonly agent: AgentView }) {
  return (
    <section class="card">
      <header>
        <h2>Sources</h2>
      </header>
      {agent.sources.length === 0 ? (
        <Empty title="No source yet">
          <p>The agent's policy names none that exists on its host.</p>
        </Empty>
      ) : (
        <div class="scroll">
          <table class="fold">
            <thead>
              <tr>
                <th>Source</th>
                <th>State</th>
                <th class="number">Lines</th>
                <th class="number">Lag</th>
                <th>Last line</th>
              </tr>
            </thead>
            <tbody>
              {agent.sources.map((source) => (
                <tr key={source.sourceId}>
                  <td>
                    <a href={`/events?q=${encodeURIComponent(`agent.id:${agent.agentId} source.id:${source.sourceId}`)}`}>
                      {source.sourceId}
                    </a>{' '}
                    <span class="muted small">{source.type}</span>
                  </td>
                  <td class={source.problem === '' ? '' : 'whole'}>
                    {source.problem !== '' ? (
                      <Health is="bad" text={source.problem} />
                    ) : (
                      <Health is={source.isSilent ? 'warn' : 'good'} text={source.isSilent ? 'Silent' : 'Reading'} />
                    )}
                  </td>
                  <td class="number" data-name="Lines">
                    {count(source.linesRead)}
                  </td>
                  <td class="number" data-name="Lag">
                    {bytes(source.lagBytes)}
                  </td>
                  <td data-name="Last line">
                    <When ms={source.lastReadMs} now={Date.now()} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function About({ agent }: { readonly agent: AgentView }) {
  return (
    <aside class="card" aria-label="About the agent">
      <div class="body">
        <dl class="pairs">
          <dt>Host</dt>
          <dd>{agent.hostName}</dd>
          <dt>Address</dt>
          <dd>{agent.address}</dd>
          <dt>Version</dt>
          <dd>{agent.version}</dd>
          <dt>Connected</dt>
          <dd>
            <When ms={agent.connectedAtMs} />
          </dd>
          <dt>Last seen</dt>
          <dd>
            <When ms={agent.lastSeenMs} />
          </dd>
          <dt>Rate</dt>
          <dd>
            {rate(agent.linesPerSecond)} lines/s · {bytes(agent.bytesPerSecond)}/s
          </dd>
          <dt>Buffered</dt>
          <dd>{waiting(agent)}</dd>
          <dt>Clock</dt>
          <dd>{agent.clockOffsetMs} ms from ours</dd>
          <dt>Certificate</dt>
          <dd>
            until <When ms={agent.certificateExpiresMs} />
          </dd>
          <dt>Id</dt>
          <dd class="mono">{agent.agentId}</dd>
          {agent.problem !== '' && (
            <>
              <dt>Problem</dt>
              <dd class="bad">{agent.problem}</dd>
            </>
          )}
        </dl>
      </div>
    </aside>
  );
}

function Revoke({ agent, onClose, onDone }: { readonly agent: AgentView; readonly onClose: () => void; readonly onDone: () => void }) {
  const isNamed = useSignal(false);
  const revoke = async (form: FormData): Promise<void> => {
    if (!isNamed.value) throw new Error(`Type ${agent.name} to confirm; nothing was changed`);
    await send('POST', `agents/${agent.agentId}/revoke`, { reason: textOf(form, 'reason') });
    say(`${agent.name} is refused from now on`);
    onDone();
  };
  return (
    <Asking title={`Revoke ${agent.name}`} submit="Revoke" isDanger onClose={onClose} onSubmit={revoke}>
      <p>
        Its connection is cut and its certificate refused. What it has buffered stays on the host. It comes back only by enrolling with a
        new key.
      </p>
      <Field label="Reason">
        <input name="reason" required maxLength={500} />
      </Field>
      <Field label={`Type ${agent.name} to confirm`}>
        <input name="name" autocomplete="off" onInput={(event) => (isNamed.value = event.currentTarget.value === agent.name)} />
      </Field>
    </Asking>
  );
}
