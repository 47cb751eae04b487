// All agents: which are connected, what they read, what waits. Enrolling a new one starts here.
import { useSignal } from '@preact/signals';
import type { AgentView, TokenCreated, TokenView } from '../../api/shapes.ts';
import { get, may, send } from '../api.ts';
import { count, rate, waiting } from '../format.ts';
import { useListKeys } from '../keyboard.ts';
import { useLoaded } from '../loading.ts';
import { Modal } from '../parts/modal.tsx';
import { Act, Empty, Health, ProblemBox, When } from '../parts/small-parts.tsx';
import { say } from '../parts/toast.tsx';
import { go, param, setParams } from '../router.ts';

export function AgentsPage() {
  const { value, problem } = useLoaded((signal) => get<{ agents: AgentView[] }>('agents', signal), { key: 'agents', everyMs: 3_000 });
  const agents = value.value?.agents ?? [];
  const selected = Math.max(
    0,
    agents.findIndex(({ agentId }) => agentId === param('at')),
  );
  useListKeys({
    move: (step) => setParams({ at: agents[Math.min(agents.length - 1, Math.max(0, selected + step))]?.agentId ?? '' }),
    open: () => go(`/agents/${agents[selected]?.agentId ?? ''}`),
    back: () => go('/'),
  });
  const isEnrolling = param('enrol') === '1';
  return (
    <>
      <div class="title">
        <h1>Agents</h1>
        <div class="end">
          <Act look="primary" action="agents.enrol" onClick={() => setParams({ enrol: '1' })}>
            Enrol an agent
          </Act>
        </div>
      </div>
      <ProblemBox problem={problem.value} />
      {value.value && (
        <section class="card">
          {agents.length === 0 ? (
            <NoAgents />
          ) : (
            <AgentTable agents={agents} selectedId={param('at') === '' ? '' : (agents[selected]?.agentId ?? '')} />
          )}
        </section>
      )}
      {may('agents.enrol') && <Tokens />}
      {isEnrolling && may('agents.enrol') && <Enrol onClose={() => setParams({ enrol: '' })} />}
    </>
  );
}

function NoAgents() {
  return (
    <Empty title="No agent is enrolled">
      <p>An agent reads the logs of one host and sends them here. Enrol one with a one-time token.</p>
    </Empty>
  );
}

export function agentHealth(agent: AgentView): { readonly is: 'good' | 'warn' | 'bad' | 'muted'; readonly text: string } {
  if (agent.isRevoked) return { is: 'muted', text: 'Revoked' };
  if (!agent.isConnected) return { is: 'bad', text: 'Away' };
  if (agent.problem !== '' || agent.sources.some(({ problem, isSilent }) => problem !== '' || isSilent))
    return { is: 'warn', text: 'Needs a look' };
  return { is: 'good', text: 'Connected' };
}

function AgentTable({ agents, selectedId }: { readonly agents: readonly AgentView[]; readonly selectedId: string }) {
  return (
    <div class="scroll">
      <table class="fold">
        <thead>
          <tr>
            <th>State</th>
            <th>Agent</th>
            <th class="number">Sources</th>
            <th class="number">Lines/s</th>
            <th class="number">Buffered</th>
            <th>Last seen</th>
            <th>Version</th>
          </tr>
        </thead>
        <tbody>
          {agents.map((agent) => (
            <tr
              key={agent.agentId}
              class="pick"
              aria-selected={agent.agentId === selectedId}
              onClick={() => go(`/agents/${agent.agentId}`)}
            >
              <td>
                <Health {...agentHealth(agent)} />
              </td>
              <td>
                <a href={`/agents/${agent.agentId}`}>{agent.name}</a> <span class="muted">{agent.address}</span>
              </td>
              <td class="number" data-name="Sources">
                {count(agent.sources.length)}
              </td>
              <td class="number" data-name="Lines/s">
                {rate(agent.linesPerSecond)}
              </td>
              <td class="number" data-name="Buffered">
                {waiting(agent)}
              </td>
              <td data-name="Last seen">
                <When ms={agent.lastSeenMs} now={Date.now()} />
              </td>
              <td data-name="Version">{agent.version}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Enrol({ onClose }: { readonly onClose: () => void }) {
  const created = useSignal<TokenCreated | undefined>(undefined);
  const make = async (): Promise<void> => {
    try {
      created.value = await send<TokenCreated>('POST', 'enrolment-tokens', { note: 'made in the console' });
    } catch (error) {
      say(error instanceof Error ? error.message : String(error));
    }
  };
  const token = created.value;
  return (
    <Modal title="Enrol an agent" onClose={onClose}>
      {token ? (
        <div class="stack">
          <p>
            1. On the host, run this command. It waits for the token on standard input, so that the token stays out of the process list.
          </p>
          <pre class="secret">{token.command}</pre>
          <p>2. Paste the token and end the input with Ctrl-D. It is shown here once and can be used once.</p>
          <pre class="secret" data-token>
            {token.token}
          </pre>
          <p class="muted">
            Valid until <When ms={token.expiresMs} />. Then start <code>atalaia-agent run</code>; the agent appears in the list.
          </p>
          <div class="row">
            <button type="button" class="primary" onClick={onClose}>
              Done
            </button>
          </div>
        </div>
      ) : (
        <div class="stack">
          <p>A token lets one agent in, within the next hour. The agent makes its own key and gets a certificate of this hub.</p>
          <div class="row">
            <button type="button" class="primary" onClick={() => void make()}>
              Create a token
            </button>
            <button type="button" onClick={onClose}>
              Cancel
            </button>
          </div>
        </div>
      )}
    </Modal>
  );
}

function Tokens() {
  const { value, problem, reload } = useLoaded((signal) => get<{ tokens: TokenView[] }>('enrolment-tokens', signal), {
    key: param('enrol'),
  });
  const tokens = value.value?.tokens ?? [];
  if (tokens.length === 0) return <ProblemBox problem={problem.value} />;
  const remove = async (id: string): Promise<void> => {
    await send('DELETE', `enrolment-tokens/${id}`);
    say('The token is useless now');
    reload();
  };
  return (
    <section class="card">
      <header>
        <h2>Enrolment tokens</h2>
      </header>
      <ul class="rows">
        {tokens.map((token) => (
          <li key={token.id}>
            <div>
              <span>{token.usedBy === '' ? 'Open' : <a href={`/agents/${token.usedBy}`}>Used</a>}</span>
              <span class="muted small">
                by {token.createdBy}, <When ms={token.createdMs} />, until <When ms={token.expiresMs} /> {token.note}
              </span>
              <span class="end">
                <Act look="plain" action="agents.enrol" onClick={() => void remove(token.id)}>
                  Remove
                </Act>
              </span>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
