// Webhooks as the console sees them. Secrets leave only in the answers of create and rotateSecret.
import type { WebhookDesk, WebhookWish } from './console/api/ports.ts';
import type { WebhookView as View } from './console/api/shapes.ts';
import type { EndpointWish, WebhookView } from './notify/endpoint.ts';
import type { Notifier } from './notify/notifier.ts';

export function webhookDesk(notifier: Notifier): WebhookDesk {
  return {
    list: async () => notifier.list().map(viewOf),
    get: async (id) => found(notifier.get(id)),
    create: async (wish, by) => {
      const { webhook, secret } = await notifier.create(endpointOf(wish), by);
      return { webhook: viewOf(webhook), secret };
    },
    change: async (id, wish, by) => found(await notifier.change(id, endpointOf(wish), by)),
    remove: (id, by) => notifier.remove(id, by),
    rotateSecret: async (id, by) => {
      const rotated = await notifier.rotateSecret(id, by);
      return rotated && { webhook: viewOf(rotated.webhook), secret: rotated.secret };
    },
    test: (id, by) => notifier.test(id, by),
    deliveries: async (id, filter) => notifier.deliveries(id, filter),
    replay: (id, deliveryId, by) => notifier.replay(id, deliveryId, by),
  };
}

function endpointOf({ allowPrivate, ...wish }: WebhookWish): EndpointWish {
  return allowPrivate === undefined ? wish : { ...wish, allowPrivate };
}

function found(webhook: WebhookView | undefined): View | undefined {
  return webhook && viewOf(webhook);
}

function viewOf(webhook: WebhookView): View {
  const { id, name, url, isEnabled, minimumLevel, allowPrivate, createdMs, deliveredCount, waitingCount, deadCount, lastProblem } = webhook;
  return { id, name, url, isEnabled, minimumLevel, allowPrivate, createdMs, deliveredCount, waitingCount, deadCount, lastProblem };
}
