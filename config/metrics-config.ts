// Where the agent serves its metrics, if anywhere: loopback or a Unix socket, for they name hosts, paths of trouble and rates.
import * as z from 'zod';

export type MetricsPlace = { readonly host: string; readonly port: number } | { readonly path: string };

const expected =
  'expected 127.0.0.1:9464, [::1]:9464 or unix:/run/atalaia/metrics.sock; metrics are for this host alone: a Prometheus elsewhere asks through a proxy that you put before it';

export const metricsSchema = z.strictObject({
  listen: z.string({ error: expected }).transform((written, context): MetricsPlace => {
    const place = placeOf(written);
    if (place) return place;
    context.addIssue({ code: 'custom', message: expected });
    return z.NEVER;
  }),
});

function placeOf(written: string): MetricsPlace | undefined {
  const path = /^unix:(\/[^\0]{1,106})$/.exec(written)?.[1];
  if (path !== undefined) return { path };
  const [, v4, v6, digits = ''] = /^(?:(127(?:\.\d{1,3}){3})|\[(::1)\]):([1-9]\d{0,4})$/.exec(written) ?? [];
  const host = v4 ?? v6;
  const port = Number(digits);
  if (host === undefined || port > 65_535 || host.split('.').some((part) => Number(part) > 255)) return undefined;
  return { host, port };
}
