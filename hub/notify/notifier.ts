// Tells receivers about alerts: endpoints, their messages, and the loop that sends them.
// Promises: an enqueued notice is durable and reaches each endpoint that wants it at least once, always under the same
// webhook-id, or ends as a dead letter a person can see and send again. Each endpoint has its own few slots, so a slow or
// dead one holds up no other. Order among messages is not promised: receivers go by timestamp and ordinal.
// Secrets leave only in the answers of create and rotateSecret; State holds them sealed.
import type { Clock, Random } from '../../proto/runtime/clock.ts';
import { AtalaiaError, errorCode } from '../../proto/runtime/errors.ts';
import { Wake } from '../../proto/runtime/wake.ts';
import { levels } from '../ports.ts';
import type { Actor, AlertNotice, AlertTransitionKind, Audit, State } from '../ports.ts';
import { DeliveryBook } from './delivery-book.ts';
import { afterAttempt, deliveryOf, replayed, testDelivery, viewOf } from './delivery.ts';
import type { Delivery, DeliveryState, DeliveryView } from './delivery.ts';
import { checkWish, endpointsMax } from './endpoint.ts';
import type { Endpoint, EndpointWish, WebhookView } from './endpoint.ts';
import type { WebhookSender } from './send-webhook.ts';
import { isSealed, type SecretSeal } from './secret-seal.ts';
import { newSecret, signMessage } from './signature.ts';

const prefix = 'webhook/';
const slotsPerEndpoint = 2;
const restMostMs = 60_000;
const roundsMax = 100;
/** Who has taken an alert is the queue's own business. */
const toldKinds: ReadonlySet<AlertTransitionKind> = new Set(['opened', 'level-raised', 'verdict', 'closed', 'reopened']);

export interface NotifierOptions {
  readonly state: State;
  readonly clock: Clock;
  readonly random: Random;
  readonly audit: Audit;
  readonly sender: WebhookSender;
  readonly seal: SecretSeal;
  /** For the log: an attempt could not be written down; the message will be sent again under its id. */
  readonly onFailure: (failure: { readonly webhookId: string; readonly deliveryId: string; readonly cause: unknown }) => void;
  readonly waitingMax?: number;
}

export interface WebhookSecret {
  readonly webhook: WebhookView;
  readonly secret: string;
}

export class Notifier {
  readonly #options: NotifierOptions;
  readonly #book: DeliveryBook;
  readonly #endpoints = new Map<string, Endpoint>();
  readonly #wake = new Wake();
  readonly #sending = new Map<string, Set<string>>();

  private constructor(options: NotifierOptions) {
    this.#options = options;
    this.#book = new DeliveryBook(options.state, options.waitingMax);
  }

  static async open(options: NotifierOptions): Promise<Notifier> {
    const notifier = new Notifier(options);
    for (const { key, value, revision } of await options.state.list<Endpoint>(prefix)) {
      const endpoint = isSealed(value.secret) ? value : { ...value, secret: options.seal.seal(value.secret, value.id) };
      // Written in the clear by an earlier version.
      if (endpoint !== value) await options.state.put(key, endpoint, revision);
      notifier.#endpoints.set(value.id, endpoint);
    }
    await notifier.#book.load();
    return notifier;
  }

  /** Webhooks whose secret was sealed with another key than ours; they need a new one each. */
  unreadable(): readonly string[] {
    const { seal } = this.#options;
    return [...this.#endpoints.values()].filter(({ id, secret }) => seal.open(secret, id) === undefined).map(({ name }) => name);
  }

  /** Durable when it resolves, once however often it is called. */
  async enqueue(notice: AlertNotice): Promise<void> {
    const { kind, level } = notice.transition;
    if (!toldKinds.has(kind)) return;
    const wanted = [...this.#endpoints.values()].filter(
      ({ isEnabled, minimumLevel }) => isEnabled && levels.indexOf(level) >= levels.indexOf(minimumLevel),
    );
    const nowMs = this.#options.clock.nowMs();
    await Promise.all(wanted.map((endpoint) => this.#book.enter(deliveryOf(notice, endpoint, nowMs))));
    this.#wake.wake();
  }

  /** Sends what is due until the signal aborts; what is being sent then is left for the next start. */
  async run(signal: AbortSignal): Promise<void> {
    const inWork = new Set<Promise<void>>();
    while (!signal.aborted) {
      const woken = new AbortController();
      const rest = AbortSignal.any([signal, woken.signal]);
      // Waiting begins before looking, so that what comes meanwhile is not slept over.
      const wake = this.#wake.wait(rest);
      for (const work of this.#startDue(signal)) {
        inWork.add(work);
        void work.finally(() => inWork.delete(work));
      }
      await Promise.race([wake, this.#options.clock.sleep(this.#restMs(), rest).catch(() => undefined)]);
      woken.abort();
    }
    await Promise.all(inWork);
  }

  list(): readonly WebhookView[] {
    return [...this.#endpoints.values()].sort((a, b) => a.createdMs - b.createdMs).map((endpoint) => this.#view(endpoint));
  }

  get(id: string): WebhookView | undefined {
    const endpoint = this.#endpoints.get(id);
    return endpoint && this.#view(endpoint);
  }

  async create(wish: EndpointWish, by: Actor): Promise<WebhookSecret> {
    if (this.#endpoints.size >= endpointsMax)
      throw new AtalaiaError('WEBHOOKS_LIMIT', `there are ${endpointsMax} webhooks, which is the limit`);
    const { clock, random, seal } = this.#options;
    const id = Buffer.from(random.bytes(8)).toString('hex');
    const checked = checkWish(wish, wish.allowPrivate ?? false);
    const secret = newSecret(random);
    const endpoint: Endpoint = { ...checked, id, secret: seal.seal(secret, id), createdMs: clock.nowMs() };
    await this.#options.state.put(prefix + id, endpoint, 0);
    this.#endpoints.set(id, endpoint);
    await this.#record({ by, action: 'webhook.create', id, before: '', after: hostOf(endpoint) });
    return { webhook: this.#view(endpoint), secret };
  }

  async change(id: string, wish: EndpointWish, by: Actor): Promise<WebhookView | undefined> {
    let before = '';
    const endpoint = await this.#update(id, (current) => {
      before = hostOf(current);
      return { ...current, ...checkWish(wish, wish.allowPrivate ?? current.allowPrivate) };
    });
    if (!endpoint) return undefined;
    await this.#record({ by, action: 'webhook.change', id, before, after: hostOf(endpoint) });
    this.#wake.wake();
    return this.#view(endpoint);
  }

  async rotateSecret(id: string, by: Actor): Promise<WebhookSecret | undefined> {
    const { random, seal } = this.#options;
    const secret = newSecret(random);
    const endpoint = await this.#update(id, (current) => ({ ...current, secret: seal.seal(secret, id) }));
    if (!endpoint) return undefined;
    await this.#record({ by, action: 'webhook.rotate', id, before: '', after: '' });
    return { webhook: this.#view(endpoint), secret };
  }

  /** With all its messages. */
  async remove(id: string, by: Actor): Promise<boolean> {
    if (!this.#endpoints.has(id)) return false;
    const found = await this.#options.state.get<Endpoint>(prefix + id);
    if (!found) return false;
    await this.#options.state.remove(prefix + id, found.revision);
    this.#endpoints.delete(id);
    await this.#book.removeEndpoint(id);
    await this.#record({ by, action: 'webhook.remove', id, before: hostOf(found.value), after: '' });
    return true;
  }

  /** One message now, outside of the queue's turn; it is not tried again. */
  async test(id: string, by: Actor, signal: AbortSignal = new AbortController().signal): Promise<DeliveryView | undefined> {
    const endpoint = this.#endpoints.get(id);
    if (!endpoint) return undefined;
    const { clock, random } = this.#options;
    const messageId = `msg_${Buffer.from(random.bytes(16)).toString('hex')}`;
    const delivery = testDelivery({ id: messageId, endpoint, nowMs: clock.nowMs() });
    const outcome = await this.#send(endpoint, delivery, signal);
    const tried = afterAttempt(delivery, outcome, { nowMs: clock.nowMs(), unit: random.unit() });
    const settled: Delivery = tried.state === 'delivered' ? tried : { ...tried, state: 'dead', nextAttemptMs: 0, settledMs: clock.nowMs() };
    await this.#book.enter(settled);
    await this.#record({ by, action: 'webhook.test', id, before: '', after: settled.lastProblem });
    return viewOf(settled);
  }

  deliveries(id: string, filter: { readonly state: DeliveryState | 'all'; readonly limit: number }): readonly DeliveryView[] {
    return this.#endpoints.has(id) ? this.#book.list(id, filter) : [];
  }

  /** A dead letter is sent again, under the same id. False when it is none. */
  async replay(id: string, deliveryId: string, by: Actor): Promise<boolean> {
    if (!this.#endpoints.has(id) || !/^msg_[0-9a-f]{32}$/.test(deliveryId)) return false;
    const found = await this.#book.read(id, deliveryId);
    if (found?.value.state !== 'dead') return false;
    if (!(await this.#book.put(replayed(found.value, this.#options.clock.nowMs()), found.revision))) return false;
    await this.#record({ by, action: 'webhook.replay', id, before: '', after: deliveryId });
    this.#wake.wake();
    return true;
  }

  async expire(): Promise<number> {
    return await this.#book.expire(this.#options.clock.nowMs());
  }

  #startDue(signal: AbortSignal): Promise<void>[] {
    const nowMs = this.#options.clock.nowMs();
    const started: Promise<void>[] = [];
    for (const endpoint of this.#endpoints.values()) {
      if (!endpoint.isEnabled) continue;
      const sending = this.#sending.get(endpoint.id) ?? new Set<string>();
      this.#sending.set(endpoint.id, sending);
      const free = slotsPerEndpoint - sending.size;
      for (const id of free > 0 ? this.#book.due(endpoint.id, { nowMs, limit: free, except: sending }) : []) {
        sending.add(id);
        started.push(this.#attempt(endpoint.id, id, signal));
      }
    }
    return started;
  }

  async #attempt(endpointId: string, id: string, signal: AbortSignal): Promise<void> {
    let hasFailed = false;
    try {
      await this.#tryOnce(endpointId, id, signal);
    } catch (cause) {
      hasFailed = true;
      this.#options.onFailure({ webhookId: endpointId, deliveryId: id, cause });
    }
    // State is down: the slot stays taken for a while, or the message would be sent in a tight loop.
    if (hasFailed) await this.#options.clock.sleep(restMostMs / 4, signal).catch(() => undefined);
    this.#sending.get(endpointId)?.delete(id);
    this.#wake.wake();
  }

  async #tryOnce(endpointId: string, id: string, signal: AbortSignal): Promise<void> {
    const endpoint = this.#endpoints.get(endpointId);
    const found = await this.#book.read(endpointId, id);
    if (!endpoint || found?.value.state !== 'waiting') return;
    const outcome = await this.#send(endpoint, found.value, signal);
    // Stopped by us: it says nothing about the receiver and must not cost an attempt.
    if (signal.aborted && outcome.status === 0) return;
    const { clock, random } = this.#options;
    await this.#book.put(afterAttempt(found.value, outcome, { nowMs: clock.nowMs(), unit: random.unit() }), found.revision);
  }

  async #send(endpoint: Endpoint, { id, body }: Delivery, signal: AbortSignal): ReturnType<WebhookSender['send']> {
    const { seal, clock, sender } = this.#options;
    const { url, allowPrivate } = endpoint;
    const secret = seal.open(endpoint.secret, endpoint.id);
    if (secret === undefined)
      return { status: 0, problem: 'its secret cannot be read (secrets.key is another); make a new one', retryAfterMs: 0 };
    const headers = signMessage({ id, body, secret, nowMs: clock.nowMs() });
    return await sender.send({ url, allowPrivate, headers, body }, signal);
  }

  #restMs(): number {
    const nowMs = this.#options.clock.nowMs();
    const active = [...this.#endpoints.values()].filter(({ isEnabled }) => isEnabled).map(({ id }) => id);
    const next = this.#book.nextAfter(active, nowMs);
    return next === undefined ? restMostMs : Math.min(next - nowMs, restMostMs);
  }

  async #update(id: string, compute: (current: Endpoint) => Endpoint): Promise<Endpoint | undefined> {
    if (!this.#endpoints.has(id)) return undefined;
    for (let round = 0; round < roundsMax; round++) {
      const found = await this.#options.state.get<Endpoint>(prefix + id);
      if (!found) return undefined;
      const next = compute(found.value);
      try {
        await this.#options.state.put(prefix + id, next, found.revision);
        this.#endpoints.set(id, next);
        return next;
      } catch (error) {
        if (errorCode(error) !== 'STATE_CONFLICT') throw error;
      }
    }
    throw new AtalaiaError('WEBHOOK_CONFLICT', 'this webhook is being changed by others all the time; nothing was written');
  }

  async #record({
    by,
    action,
    id,
    before,
    after,
  }: {
    by: Actor;
    action: string;
    id: string;
    before: string;
    after: string;
  }): Promise<void> {
    await this.#options.audit.record({ atMs: this.#options.clock.nowMs(), actor: by, action, object: `webhook/${id}`, before, after });
  }

  #view(endpoint: Endpoint): WebhookView {
    const { id, name, url, isEnabled, minimumLevel, allowPrivate, createdMs } = endpoint;
    return {
      id,
      name,
      url,
      isEnabled,
      minimumLevel,
      allowPrivate,
      createdMs,
      deliveredCount: this.#book.count(id, 'delivered'),
      waitingCount: this.#book.count(id, 'waiting'),
      deadCount: this.#book.count(id, 'dead'),
      lastProblem: this.#book.lastProblem(id),
    };
  }
}

/** Never the whole address: its path may be the receiver's secret. */
function hostOf({ url }: Endpoint): string {
  return new URL(url).host;
}
