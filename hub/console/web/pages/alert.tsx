// One alert: why it fired, the evidence, and what a person decides: verdict, assignment, ticket, closing.
import { useSignal } from '@preact/signals';
import { verdicts } from '../../../ports.ts';
import type { AlertView, ProblemView, TicketView } from '../../api/shapes.ts';
import { get, may, problemFrom, send, session } from '../api.ts';
import { count, words } from '../format.ts';
import { useListKeys } from '../keyboard.ts';
import { useLoaded } from '../loading.ts';
import { Asking, Choice, textOf } from '../parts/asking.tsx';
import { EvidenceList, History } from '../parts/case-parts.tsx';
import { LevelMark } from '../parts/level.tsx';
import { Act, Field, ProblemBox, When } from '../parts/small-parts.tsx';
import { say } from '../parts/toast.tsx';
import { term } from '../query-terms.ts';
import { go } from '../router.ts';

interface Steps {
  readonly change: (step: string, body: object, done: string) => Promise<void>;
  readonly openTicket: () => void;
  readonly askClose: () => void;
}

export function AlertPage({ id }: { readonly id: string }) {
  const { value, problem } = useLoaded((signal) => get<AlertView>(`alerts/${id}`, signal), { key: id, everyMs: 10_000 });
  const failed = useSignal<ProblemView | undefined>(undefined);
  const isClosing = useSignal(false);
  const alert = value.value;
  const trying = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
      failed.value = undefined;
    } catch (error) {
      failed.value = problemFrom(error);
    }
  };
  const change = async (step: string, body: object, done: string): Promise<void> => {
    value.value = await send<AlertView>('POST', `alerts/${id}/${step}`, { revision: alert?.revision, ...body });
    say(done);
  };
  const openTicket = (): void =>
    void trying(async () => {
      const ticket = await send<TicketView>('POST', `alerts/${id}/ticket`, {});
      go(`/tickets/${ticket.id}`);
    });
  const steps: Steps = { change: (...step) => trying(() => change(...step)), openTicket, askClose: () => (isClosing.value = true) };
  useListKeys({
    move: () => undefined,
    open: () => undefined,
    back: () => history.back(),
    others: may('alerts.triage') ? { t: openTicket, ...verdictKeys(steps) } : {},
  });
  return (
    <>
      <div class="title">
        <h1>
          <a href="/alerts">Alerts</a> / {alert?.title ?? id}
        </h1>
        {alert && <LevelMark level={alert.level} />}
        {alert && <span class="tag">{words(alert.status)}</span>}
        {alert && <Buttons alert={alert} steps={steps} />}
      </div>
      <ProblemBox problem={failed.value ?? problem.value} />
      {alert && (
        <div class="detail verdict-first">
          <div class="stack">
            <section class="card">
              <header>
                <h2>Evidence</h2>
                <span class="muted small">copied when it fired; kept when the events expire</span>
              </header>
              <EvidenceList evidence={alert.evidence} />
            </section>
            <section class="card">
              <header>
                <h2>History</h2>
              </header>
              <History entries={alert.history} />
            </section>
          </div>
          <About alert={alert} steps={steps} />
        </div>
      )}
      {isClosing.value && alert && <Closing alert={alert} change={change} onClose={() => (isClosing.value = false)} />}
    </>
  );
}

function verdictKeys(steps: Steps): Record<string, () => void> {
  return Object.fromEntries(
    verdicts.map((verdict, index) => [String(index + 1), () => void steps.change('verdict', { verdict }, `Verdict: ${words(verdict)}`)]),
  );
}

function Buttons({ alert, steps }: { readonly alert: AlertView; readonly steps: Steps }) {
  const me = session.value?.user?.name ?? '';
  const isMine = alert.assignee === me;
  return (
    <div class="end">
      <Act
        action="alerts.triage"
        onClick={() => void steps.change('assign', { assignee: isMine ? '' : me }, isMine ? 'Given back' : 'It is yours')}
      >
        {isMine ? 'Give back' : 'Take'}
      </Act>
      {alert.ticketId === '' ? (
        <Act action="alerts.triage" look="primary" shortcut="t" onClick={steps.openTicket}>
          Open ticket
        </Act>
      ) : (
        <a href={`/tickets/${alert.ticketId}`}>Go to its ticket</a>
      )}
      {alert.status === 'open' ? (
        <Act action="alerts.triage" onClick={steps.askClose}>
          Close
        </Act>
      ) : (
        <Act action="alerts.triage" onClick={() => void steps.change('reopen', {}, 'Open again')}>
          Reopen
        </Act>
      )}
    </div>
  );
}

function About({ alert, steps }: { readonly alert: AlertView; readonly steps: Steps }) {
  const query = alert.group.map(({ field, value }) => term(field, value)).join(' ');
  const around = `/events?q=${encodeURIComponent(query)}&range=${alert.firstMs - 900_000}-${alert.lastMs + 900_000}`;
  return (
    <aside class="stack">
      <section class="card" aria-label="Verdict">
        <header>
          <h2>Verdict</h2>
        </header>
        <div class="body row">
          {verdicts.map((verdict, index) => (
            <button
              type="button"
              key={verdict}
              aria-pressed={alert.verdict === verdict}
              disabled={!may('alerts.triage')}
              title={may('alerts.triage') ? undefined : 'Your role does not allow this (alerts.triage).'}
              onClick={() => void steps.change('verdict', { verdict }, `Verdict: ${words(verdict)}`)}
            >
              {words(verdict)} <kbd aria-hidden="true">{index + 1}</kbd>
            </button>
          ))}
        </div>
      </section>
      <AboutRule rule={alert.rule} />
      <section class="card" aria-label="About the alert">
        <div class="body">
          <dl class="pairs">
            <dt>First</dt>
            <dd>
              <When ms={alert.firstMs} />
            </dd>
            <dt>Last</dt>
            <dd>
              <When ms={alert.lastMs} />
            </dd>
            <dt>Count</dt>
            <dd>
              {count(alert.count)} · <a href={around}>events around it</a>
            </dd>
            <dt>Assigned</dt>
            <dd>{alert.assignee === '' ? 'nobody' : alert.assignee}</dd>
            {Object.entries(alert.fields).map(([name, values]) => (
              <>
                <dt>{name}</dt>
                <dd class="mono">
                  {values.map((one) => (
                    <div key={one}>
                      <a href={`/events?q=${encodeURIComponent(term(name, one))}&range=24h`}>{one}</a>
                    </div>
                  ))}
                </dd>
              </>
            ))}
            <dt>Tags</dt>
            <dd>{alert.tags.join(', ')}</dd>
            <dt>Rule</dt>
            <dd class="muted small">
              {alert.ruleId} {alert.ruleVersion}
            </dd>
          </dl>
        </div>
      </section>
    </aside>
  );
}

function AboutRule({ rule: { description, falsePositives } }: Pick<AlertView, 'rule'>) {
  if (description === '') return null;
  return (
    <section class="card" aria-label="About the rule">
      <header>
        <h2>Why it matters</h2>
      </header>
      <div class="body">
        <p>{description}</p>
        {falsePositives.length > 0 && <p class="muted">It may also be: {falsePositives.join('; ')}.</p>}
      </div>
    </section>
  );
}

interface ClosingProps {
  readonly alert: AlertView;
  readonly change: Steps['change'];
  readonly onClose: () => void;
}

function Closing({ alert, change, onClose }: ClosingProps) {
  const close = (form: FormData): Promise<void> =>
    change('close', { verdict: textOf(form, 'verdict'), note: textOf(form, 'note') }, 'Closed');
  return (
    <Asking title="Close the alert" submit="Close it" onClose={onClose} onSubmit={close}>
      <p class="muted">Later findings of the same rule and values open a new alert.</p>
      <Field label="Verdict">
        <Choice name="verdict" options={verdicts} chosen={alert.verdict === '' ? 'false-positive' : alert.verdict} />
      </Field>
      <Field label="Note">
        <textarea name="note" maxLength={300} />
      </Field>
    </Asking>
  );
}
