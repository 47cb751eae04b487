// Webhooks: who is told of alerts. The secret is shown once; each message's fate can be looked at and dead ones sent again.
import { useSignal } from '@preact/signals';
import { levels } from '../../../ports.ts';
import type { DeliveryView, ProblemView, WebhookSecret, WebhookView } from '../../api/shapes.ts';
import { get, problemFrom, send } from '../api.ts';
import { count, plural, words } from '../format.ts';
import { useLoaded } from '../loading.ts';
import { Asking, Choice, textOf } from '../parts/asking.tsx';
import { LevelMark } from '../parts/level.tsx';
import { Modal } from '../parts/modal.tsx';
import { Act, Empty, Field, Health, ProblemBox, When } from '../parts/small-parts.tsx';
import { say } from '../parts/toast.tsx';
import { hrefWith, param, setParams } from '../router.ts';

export function WebhooksPage() {
  const { value, problem, reload } = useLoaded((signal) => get<{ webhooks: WebhookView[] }>('webhooks', signal), {
    key: 'webhooks',
    everyMs: 5_000,
  });
  const secret = useSignal<WebhookSecret | undefined>(undefined);
  const editing = useSignal<WebhookView | 'new' | undefined>(undefined);
  const failed = useSignal<ProblemView | undefined>(undefined);
  const webhooks = value.value?.webhooks ?? [];
  const act = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
      failed.value = undefined;
    } catch (error) {
      failed.value = problemFrom(error);
    }
    reload();
  };
  const open = webhooks.find(({ id }) => id === param('at'));
  return (
    <>
      <div class="title">
        <h1>Webhooks</h1>
        <div class="end">
          <Act look="primary" action="webhooks.change" onClick={() => (editing.value = 'new')}>
            New webhook
          </Act>
        </div>
      </div>
      <ProblemBox problem={failed.value ?? problem.value} />
      {value.value && (
        <section class="card">
          {webhooks.length === 0 ? (
            <Empty title="Nobody is told yet">
              <p>A webhook sends each alert, signed, to an address of yours: a chat, a ticket system, a script.</p>
            </Empty>
          ) : (
            <WebhookTable webhooks={webhooks} />
          )}
        </section>
      )}
      {open && <Deliveries webhook={open} act={act} onEdit={() => (editing.value = open)} onSecret={(made) => (secret.value = made)} />}
      {editing.value && (
        <Edit
          webhook={editing.value}
          onClose={() => (editing.value = undefined)}
          onDone={reload}
          onSecret={(made) => (secret.value = made)}
        />
      )}
      {secret.value && <Secret made={secret.value} onClose={() => (secret.value = undefined)} />}
    </>
  );
}

function WebhookTable({ webhooks }: { readonly webhooks: readonly WebhookView[] }) {
  return (
    <div class="scroll">
      <table class="fold">
        <thead>
          <tr>
            <th>State</th>
            <th>Webhook</th>
            <th>From level</th>
            <th class="number">Delivered</th>
            <th class="number">Waiting</th>
            <th class="number">Dead</th>
          </tr>
        </thead>
        <tbody>
          {webhooks.map((webhook) => (
            <tr key={webhook.id} class="pick" aria-selected={webhook.id === param('at')} onClick={() => setParams({ at: webhook.id })}>
              <td>{stateOf(webhook)}</td>
              <td class="whole">
                <a href={hrefWith({ at: webhook.id })}>{webhook.name}</a> <span class="muted mono">{webhook.url}</span>
                {webhook.lastProblem !== '' && <div class="bad small">{webhook.lastProblem}</div>}
              </td>
              <td>
                <LevelMark level={webhook.minimumLevel} />
              </td>
              <td class="number" data-name="Delivered">
                {count(webhook.deliveredCount)}
              </td>
              <td class="number" data-name="Waiting">
                {count(webhook.waitingCount)}
              </td>
              <td class="number" data-name="Dead">
                {count(webhook.deadCount)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function stateOf(webhook: WebhookView) {
  if (!webhook.isEnabled) return <Health is="muted" text="Off" />;
  if (webhook.deadCount > 0) return <Health is="bad" text="Dead letters" />;
  return webhook.waitingCount > 0 && webhook.lastProblem !== '' ? <Health is="warn" text="Trying" /> : <Health is="good" text="On" />;
}

interface DeliveriesProps {
  readonly webhook: WebhookView;
  readonly act: (work: () => Promise<void>) => Promise<void>;
  readonly onEdit: () => void;
  readonly onSecret: (made: WebhookSecret) => void;
}

function Deliveries({ webhook, act, onEdit, onSecret }: DeliveriesProps) {
  const state = param('state', 'all');
  const path = `webhooks/${webhook.id}/deliveries?state=${state}`;
  const { value, problem, reload } = useLoaded((signal) => get<{ deliveries: DeliveryView[] }>(path, signal), {
    key: path,
    everyMs: 5_000,
  });
  const deliveries = value.value?.deliveries ?? [];
  const test = async (): Promise<void> => {
    const delivery = await send<DeliveryView>('POST', `webhooks/${webhook.id}/test`, {});
    say(delivery.state === 'delivered' ? `Answered ${delivery.lastStatus}` : `Not delivered: ${delivery.lastProblem}`);
    reload();
  };
  const rotate = async (): Promise<void> => onSecret(await send<WebhookSecret>('POST', `webhooks/${webhook.id}/secret`, {}));
  const replay = async (id: string): Promise<void> => {
    await send('POST', `webhooks/${webhook.id}/deliveries/${id}/replay`, {});
    say('It is sent again, under the same id');
    reload();
  };
  return (
    <section class="card" aria-label={`Deliveries of ${webhook.name}`}>
      <header>
        <h2>{webhook.name}</h2>
        <div class="tabs" role="group" aria-label="Which deliveries">
          {['all', 'delivered', 'waiting', 'dead'].map((one) => (
            <button type="button" key={one} aria-pressed={state === one} onClick={() => setParams({ state: one === 'all' ? '' : one })}>
              {words(one)}
            </button>
          ))}
        </div>
        <div class="end row">
          <Act action="webhooks.change" onClick={() => void act(test)}>
            Send a test
          </Act>
          <Act action="webhooks.change" onClick={onEdit}>
            Change
          </Act>
          <Act action="webhooks.change" onClick={() => void act(rotate)}>
            New secret
          </Act>
        </div>
      </header>
      <ProblemBox problem={problem.value} />
      {deliveries.length === 0 ? (
        <Empty title="No message here">
          <p>Send a test to see that the receiver answers.</p>
        </Empty>
      ) : (
        <ul class="rows">
          {deliveries.map((delivery) => (
            <DeliveryRow key={delivery.id} delivery={delivery} onReplay={() => void act(() => replay(delivery.id))} />
          ))}
        </ul>
      )}
    </section>
  );
}

function DeliveryRow({ delivery, onReplay }: { readonly delivery: DeliveryView; readonly onReplay: () => void }) {
  return (
    <li>
      <div>
        <Health
          is={{ delivered: 'good', waiting: 'warn', dead: 'bad' }[delivery.state] as 'good' | 'warn' | 'bad'}
          text={words(delivery.state)}
        />
        <span>{delivery.event}</span>
        <span class="muted small">
          <When ms={delivery.createdMs} /> · {plural(delivery.attempts, 'attempt')} ·{' '}
          {delivery.lastProblem === '' ? delivery.lastStatus || 'not sent yet' : delivery.lastProblem}
        </span>
        <span class="end">
          {delivery.alertId !== '' && <a href={`/alerts/${delivery.alertId}`}>Alert</a>}{' '}
          {delivery.state === 'dead' && (
            <Act look="plain" action="webhooks.change" onClick={onReplay}>
              Send again
            </Act>
          )}
        </span>
      </div>
    </li>
  );
}

interface EditProps {
  readonly webhook: WebhookView | 'new';
  readonly onClose: () => void;
  readonly onDone: () => void;
  readonly onSecret: (made: WebhookSecret) => void;
}

function Edit({ webhook, onClose, onDone, onSecret }: EditProps) {
  const known = webhook === 'new' ? undefined : webhook;
  const isRemoving = useSignal(false);
  const save = async (form: FormData): Promise<void> => {
    const wish = {
      name: textOf(form, 'name'),
      url: textOf(form, 'url'),
      minimumLevel: textOf(form, 'minimumLevel'),
      isEnabled: form.get('isEnabled') === 'on',
      allowPrivate: form.get('allowPrivate') === 'on',
    };
    if (isRemoving.value && known) await send('DELETE', `webhooks/${known.id}`);
    else if (known) await send<WebhookView>('PUT', `webhooks/${known.id}`, wish);
    else onSecret(await send<WebhookSecret>('POST', 'webhooks', wish));
    onDone();
  };
  const title = known ? `Change ${known.name}` : 'New webhook';
  return (
    <Asking title={title} submit={isRemoving.value ? 'Remove it' : 'Save'} isDanger={isRemoving.value} onClose={onClose} onSubmit={save}>
      <Field label="Name">
        <input name="name" required maxLength={80} defaultValue={known?.name ?? ''} />
      </Field>
      <Field label="Address">
        <input name="url" type="url" required maxLength={2000} placeholder="https://" defaultValue={known?.url ?? ''} />
      </Field>
      <Field label="Told from this level on">
        <Choice name="minimumLevel" options={levels.toReversed()} chosen={known?.minimumLevel ?? 'high'} />
      </Field>
      <label class="check">
        <input name="isEnabled" type="checkbox" defaultChecked={known?.isEnabled ?? true} /> On
      </label>
      <label class="check">
        <input name="allowPrivate" type="checkbox" defaultChecked={known?.allowPrivate ?? false} /> Inside this network: a private host,
        also over plain http
      </label>
      {known && (
        <label class="check">
          <input type="checkbox" onChange={(event) => (isRemoving.value = event.currentTarget.checked)} /> Remove it, with its deliveries
          and dead letters
        </label>
      )}
    </Asking>
  );
}

function Secret({ made, onClose }: { readonly made: WebhookSecret; readonly onClose: () => void }) {
  return (
    <Modal title={`Secret of ${made.webhook.name}`} onClose={onClose}>
      <div class="stack">
        <p>The receiver verifies each message with it (Standard Webhooks). It is shown this once; a new one can be made at any time.</p>
        <pre class="secret">{made.secret}</pre>
        <div class="row">
          <button type="button" class="primary" onClick={onClose}>
            I have stored it
          </button>
        </div>
      </div>
    </Modal>
  );
}
