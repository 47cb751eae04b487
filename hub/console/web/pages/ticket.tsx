// One ticket: where it stands in the plan, its history and evidence, and every step a person can take.
import { useSignal } from '@preact/signals';
import type { ProblemView, TicketView } from '../../api/shapes.ts';
import { get, problemFrom, send, session } from '../api.ts';
import { words } from '../format.ts';
import { useListKeys } from '../keyboard.ts';
import { useLoaded } from '../loading.ts';
import { Asking, Choice, textOf } from '../parts/asking.tsx';
import { EvidenceList, History } from '../parts/case-parts.tsx';
import { LevelMark } from '../parts/level.tsx';
import { Act, Field, ProblemBox, When } from '../parts/small-parts.tsx';
import { say } from '../parts/toast.tsx';
import type { TicketList } from './tickets.tsx';

type Change = (step: string, body: object, done: string) => Promise<void>;

export function TicketPage({ id }: { readonly id: string }) {
  const { value, problem } = useLoaded((signal) => get<TicketView>(`tickets/${id}`, signal), { key: id, everyMs: 10_000 });
  const plan = useLoaded((signal) => get<TicketList>('tickets?limit=1', signal), { key: 'plan' });
  const failed = useSignal<ProblemView | undefined>(undefined);
  const asking = useSignal('');
  const ticket = value.value;
  const change: Change = async (step, body, done) => {
    value.value = await send<TicketView>('POST', `tickets/${id}/${step}`, { revision: ticket?.revision, ...body });
    say(done);
  };
  const tryChange: Change = async (...step) => {
    try {
      await change(...step);
      failed.value = undefined;
    } catch (error) {
      failed.value = problemFrom(error);
    }
  };
  useListKeys({ move: () => undefined, open: () => undefined, back: () => history.back() });
  return (
    <>
      <div class="title">
        <h1>
          <a href="/tickets">Tickets</a> / {ticket ? `${ticket.number} ${ticket.title}` : id}
        </h1>
        {ticket && <LevelMark level={ticket.severity} />}
        {ticket && <Buttons ticket={ticket} change={tryChange} onAsk={(what) => (asking.value = what)} />}
      </div>
      <ProblemBox problem={failed.value ?? problem.value} />
      {ticket && (
        <>
          <ol class="stages" aria-label="Stages">
            {plan.value.value?.stages.map(({ stage }) => (
              <li
                key={stage}
                class={`at ${stage === ticket.stage ? 'now' : ''}`}
                aria-current={stage === ticket.stage ? 'step' : undefined}
              >
                {words(stage)}
              </li>
            ))}
          </ol>
          <Body ticket={ticket} change={change} />
        </>
      )}
      {ticket && asking.value.startsWith('move ') && (
        <Move stage={asking.value.slice(5)} change={change} onClose={() => (asking.value = '')} />
      )}
      {ticket && asking.value === 'close' && (
        <Close reasons={plan.value.value?.closeReasons ?? []} change={change} onClose={() => (asking.value = '')} />
      )}
      {ticket && asking.value === 'assign' && <Assign ticket={ticket} change={change} onClose={() => (asking.value = '')} />}
    </>
  );
}

function Buttons({
  ticket,
  change,
  onAsk,
}: {
  readonly ticket: TicketView;
  readonly change: Change;
  readonly onAsk: (what: string) => void;
}) {
  const me = session.value?.user?.name ?? '';
  return (
    <div class="end">
      {ticket.owner !== me && (
        <Act
          action="tickets.work"
          blocked={ticket.isClosed ? 'It is closed.' : ''}
          onClick={() => void change('assign', { owner: me }, 'It is yours')}
        >
          Take
        </Act>
      )}
      <Act action="tickets.work" blocked={ticket.isClosed ? 'It is closed.' : ''} onClick={() => onAsk('assign')}>
        Assign
      </Act>
      {ticket.movesTo.map((stage, index) => (
        <Act
          key={stage}
          action="tickets.work"
          {...(index === 0 ? { look: 'primary' as const } : {})}
          onClick={() => onAsk(`move ${stage}`)}
        >
          Move to {words(stage).toLowerCase()}
        </Act>
      ))}
      {ticket.isClosed ? (
        <Act action="tickets.work" onClick={() => void change('reopen', {}, 'Open again')}>
          Reopen
        </Act>
      ) : (
        <Act action="tickets.work" onClick={() => onAsk('close')}>
          Close
        </Act>
      )}
    </div>
  );
}

function Body({ ticket, change }: { readonly ticket: TicketView; readonly change: Change }) {
  return (
    <div class="detail">
      <div class="stack">
        <section class="card">
          <header>
            <h2>History</h2>
          </header>
          <Comment change={change} />
          <History entries={ticket.history} />
        </section>
        <section class="card">
          <header>
            <h2>Evidence</h2>
            <span class="muted small">copies, with the hash of each line</span>
          </header>
          <EvidenceList evidence={ticket.evidence} />
        </section>
      </div>
      <aside class="card" aria-label="About the ticket">
        <div class="body">
          <dl class="pairs">
            <dt>Stage</dt>
            <dd>{words(ticket.stage)}</dd>
            <dt>Owner</dt>
            <dd>{ticket.owner === '' ? 'nobody' : ticket.owner}</dd>
            <dt>Opened</dt>
            <dd>
              <When ms={ticket.createdMs} />
            </dd>
            <dt>Changed</dt>
            <dd>
              <When ms={ticket.updatedMs} />
            </dd>
            {ticket.closeReason !== '' && (
              <>
                <dt>Closed as</dt>
                <dd>{words(ticket.closeReason)}</dd>
              </>
            )}
            <dt>Links</dt>
            <dd>
              {ticket.links.length === 0 && 'none'}
              {ticket.links.map(({ kind, id }) => (
                <div key={id}>
                  <a href={`/${kind}s/${id}`}>
                    {words(kind)} {id.slice(0, 8)}
                  </a>
                </div>
              ))}
            </dd>
          </dl>
        </div>
      </aside>
    </div>
  );
}

function Comment({ change }: { readonly change: Change }) {
  const text = useSignal('');
  const failed = useSignal<ProblemView | undefined>(undefined);
  const add = async (): Promise<void> => {
    try {
      await change('comment', { text: text.value }, 'Added');
      text.value = '';
      failed.value = undefined;
    } catch (error) {
      failed.value = problemFrom(error);
    }
  };
  return (
    <div class="body stack">
      <textarea
        aria-label="Comment"
        placeholder="What was seen, done or decided"
        value={text.value}
        maxLength={16_000}
        onInput={(event) => (text.value = event.currentTarget.value)}
      />
      <ProblemBox problem={failed.value} />
      <div class="row">
        <Act action="tickets.work" blocked={text.value.trim() === '' ? 'Write something first.' : ''} onClick={() => void add()}>
          Add comment
        </Act>
      </div>
    </div>
  );
}

interface StepProps {
  readonly change: Change;
  readonly onClose: () => void;
}

function Move({ stage, change, onClose }: StepProps & { readonly stage: string }) {
  const name = words(stage).toLowerCase();
  return (
    <Asking
      title={`Move to ${name}`}
      submit="Move it"
      onClose={onClose}
      onSubmit={(form) => change('move', { stage, note: textOf(form, 'note') }, `Moved to ${name}`)}
    >
      <Field label="Note (needed when it goes back)">
        <textarea name="note" />
      </Field>
    </Asking>
  );
}

function Close({ reasons, change, onClose }: StepProps & { readonly reasons: readonly string[] }) {
  const close = (form: FormData): Promise<void> =>
    change('close', { reason: textOf(form, 'reason'), note: textOf(form, 'note') }, 'Closed');
  return (
    <Asking title="Close the ticket" submit="Close it" onClose={onClose} onSubmit={close}>
      <Field label="Reason">
        <Choice name="reason" options={reasons} chosen="resolved" />
      </Field>
      <Field label="Note">
        <textarea name="note" />
      </Field>
    </Asking>
  );
}

function Assign({ ticket, change, onClose }: StepProps & { readonly ticket: TicketView }) {
  return (
    <Asking
      title="Assign the ticket"
      submit="Assign"
      onClose={onClose}
      onSubmit={(form) => change('assign', { owner: textOf(form, 'owner') }, 'Assigned')}
    >
      <Field label="Name; empty gives it back">
        <input name="owner" defaultValue={ticket.owner} maxLength={64} autocomplete="off" />
      </Field>
    </Asking>
  );
}
