// Tickets by stage of the incident response plan.
import { useSignal } from '@preact/signals';
import { levels } from '../../../ports.ts';
import type { TicketSummary, TicketView } from '../../api/shapes.ts';
import { get, send, session } from '../api.ts';
import { count, words } from '../format.ts';
import { useListKeys } from '../keyboard.ts';
import { useLoaded } from '../loading.ts';
import { Asking, Choice, textOf } from '../parts/asking.tsx';
import { LevelMark } from '../parts/level.tsx';
import { Act, Empty, Field, ProblemBox, When } from '../parts/small-parts.tsx';
import { go, hrefWith, param, setParams } from '../router.ts';

export interface TicketList {
  readonly tickets: readonly TicketSummary[];
  readonly after: string;
  readonly stages: readonly { readonly stage: string; readonly count: number }[];
  readonly closeReasons: readonly string[];
}

export function TicketsPage() {
  const wanted = {
    state: param('stage') === 'closed' ? 'all' : param('state', 'open'),
    stage: param('stage'),
    owner: param('owner'),
    text: param('text'),
  };
  const path = `tickets?${new URLSearchParams(wanted).toString()}`;
  const { value, problem } = useLoaded((signal) => get<TicketList>(path, signal), { key: path, everyMs: 5_000 });
  const isOpening = useSignal(false);
  const tickets = value.value?.tickets ?? [];
  const selected = tickets.findIndex(({ id }) => id === param('at'));
  useListKeys({
    move: (step) => setParams({ at: tickets[Math.min(tickets.length - 1, Math.max(0, selected + step))]?.id ?? '' }),
    open: () => {
      const ticket = tickets[Math.max(0, selected)];
      if (ticket) go(`/tickets/${ticket.id}`);
    },
    back: () => setParams({ at: '', stage: '' }),
  });
  const me = session.value?.user?.name ?? '';
  return (
    <>
      <div class="title">
        <h1>Tickets</h1>
        <div class="end">
          <button type="button" aria-pressed={param('owner') === me} onClick={() => setParams({ owner: param('owner') === me ? '' : me })}>
            Mine
          </button>
          <input
            data-search
            type="search"
            aria-label="Find in numbers and titles"
            placeholder="Find"
            value={param('text')}
            onInput={(event) => setParams({ text: event.currentTarget.value })}
          />
          <Act look="primary" action="tickets.work" onClick={() => (isOpening.value = true)}>
            New ticket
          </Act>
        </div>
      </div>
      <Stages list={value.value} />
      <ProblemBox problem={problem.value} />
      {value.value && (
        <section class="card">
          {tickets.length === 0 ? (
            <Empty title="No ticket here">
              <p>
                Alerts of level high and above open one by themselves; any <a href="/alerts">alert</a> can open one by hand.
              </p>
            </Empty>
          ) : (
            <TicketTable tickets={tickets} />
          )}
        </section>
      )}
      {isOpening.value && <NewTicket onClose={() => (isOpening.value = false)} />}
    </>
  );
}

function Stages({ list }: { readonly list: TicketList | undefined }) {
  const stage = param('stage');
  return (
    <nav class="stages" aria-label="Stages">
      <a href={hrefWith({ stage: '', at: '' })} aria-current={stage === '' ? 'true' : undefined}>
        All open
      </a>
      {list?.stages.map((one) => (
        <a key={one.stage} href={hrefWith({ stage: one.stage, at: '' })} aria-current={stage === one.stage ? 'true' : undefined}>
          {words(one.stage)} <span class="muted">{count(one.count)}</span>
        </a>
      ))}
    </nav>
  );
}

function TicketTable({ tickets }: { readonly tickets: readonly TicketSummary[] }) {
  return (
    <div class="scroll">
      <table class="fold">
        <thead>
          <tr>
            <th>Number</th>
            <th>Severity</th>
            <th>Title</th>
            <th>Stage</th>
            <th>Owner</th>
            <th>Changed</th>
          </tr>
        </thead>
        <tbody>
          {tickets.map((ticket) => (
            <tr key={ticket.id} class="pick" aria-selected={ticket.id === param('at')} onClick={() => go(`/tickets/${ticket.id}`)}>
              <td class="nowrap">{ticket.number}</td>
              <td>
                <LevelMark level={ticket.severity} />
              </td>
              <td class="whole">
                <a href={`/tickets/${ticket.id}`}>{ticket.title}</a>
              </td>
              <td data-name="Stage">{words(ticket.stage)}</td>
              <td data-name="Owner">{ticket.owner === '' ? <span class="muted">nobody</span> : ticket.owner}</td>
              <td data-name="Changed">
                <When ms={ticket.updatedMs} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function NewTicket({ onClose }: { readonly onClose: () => void }) {
  const create = async (form: FormData): Promise<void> => {
    const body = { title: textOf(form, 'title'), severity: textOf(form, 'severity'), text: textOf(form, 'text') };
    const ticket = await send<TicketView>('POST', 'tickets', body);
    go(`/tickets/${ticket.id}`);
  };
  return (
    <Asking title="New ticket" submit="Open it" onClose={onClose} onSubmit={create}>
      <Field label="Title">
        <input name="title" required minLength={3} maxLength={200} />
      </Field>
      <Field label="Severity">
        <Choice name="severity" options={levels.toReversed()} chosen="medium" />
      </Field>
      <Field label="What happened">
        <textarea name="text" maxLength={16_000} />
      </Field>
    </Asking>
  );
}
