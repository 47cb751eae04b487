// The attacks among the written lines, and what a hub makes of them whatever the timing: one alert per group, a ticket when
// it is of level high. Groups are used again over many rounds, so that an alert has to grow instead of repeating.
// Expected is a function of the lines that can have arrived, so that it also holds when bytes were destroyed.
import { unreachable } from '../../proto/runtime/errors.ts';
import type { FileName } from './sources.ts';
import type { WrittenLine } from './written-lines.ts';

export const ruleIds = {
  sudo: '8a4f0f6e-2f0c-4f0e-9d5b-6a1d0c6f1e21',
  ids: '8a4f0f6e-2f0c-4f0e-9d5b-6a1d0c6f1e81',
  guessing: '8a4f0f6e-2f0c-4f0e-9d5b-6a1d0c6f1e02',
  success: '8a4f0f6e-2f0c-4f0e-9d5b-6a1d0c6f1e13',
} as const;

/** What a line is part of. */
export type Part = { readonly kind: 'sudo' | 'ids' | 'failure' | 'success'; readonly group: string };

export interface AttackLine {
  readonly source: FileName;
  readonly part: Part;
  /** `at` is as rsyslog or Suricata writes it. */
  readonly text: (at: string, token: string) => string;
}

export interface ExpectedAlert {
  readonly rule: string;
  readonly group: string;
  readonly opensTicket: boolean;
  /** Findings in it, where every event is one; undefined for correlations. */
  readonly count: number | undefined;
}

const guesses = 7;

export function sudoAttack(group: number): AttackLine[] {
  const user = `operator${group}`;
  const text = (at: string, token: string): string =>
    `${at} crash1 sudo: ${user} : TTY=pts/0 ; PWD=/home ; USER=root ; COMMAND=/usr/sbin/useradd ${token}`;
  return [{ source: 'auth', part: { kind: 'sudo', group: user }, text }];
}

export function idsAttack(group: number): AttackLine[] {
  const address = addressOf('d', group);
  const text = (at: string, token: string): string =>
    JSON.stringify({
      timestamp: at,
      event_type: 'alert',
      src_ip: address,
      src_port: 41_000,
      dest_ip: '192.0.2.10',
      dest_port: 80,
      proto: 'TCP',
      alert: {
        action: 'allowed',
        gid: 1,
        signature_id: 2_000_001,
        rev: 1,
        signature: 'Crash test attack',
        category: 'Attack',
        severity: 1,
      },
      http: { hostname: 'www.example.net', url: `/${token}`, http_method: 'GET' },
    });
  return [{ source: 'eve', part: { kind: 'ids', group: address }, text }];
}

/** Guesses from an address of its own and the login that succeeds after them, in one go. */
export function sshAttack(group: number): AttackLine[] {
  const address = addressOf('5', group);
  const failure = (at: string, token: string): string =>
    `${at} crash1 sshd[811]: Failed password for invalid user ${token} from ${address} port 40001 ssh2`;
  const success = (at: string, token: string): string =>
    `${at} crash1 sshd[811]: Accepted password for ${token} from ${address} port 40001 ssh2`;
  return [
    ...Array.from({ length: guesses }, () => ({
      source: 'auth' as const,
      part: { kind: 'failure' as const, group: address },
      text: failure,
    })),
    { source: 'auth', part: { kind: 'success', group: address }, text: success },
  ];
}

export function expectedAlerts(arrived: Iterable<WrittenLine>): ExpectedAlert[] {
  const counts = new Map<string, { part: Part; count: number }>();
  for (const { part } of arrived) {
    if (!part) continue;
    const key = `${part.kind} ${part.group}`;
    const held = counts.get(key);
    if (held) held.count++;
    else counts.set(key, { part, count: 1 });
  }
  return [...counts.values()].flatMap(({ part: { kind, group }, count }): ExpectedAlert[] => {
    switch (kind) {
      case 'sudo':
        return [{ rule: ruleIds.sudo, group, opensTicket: false, count }];
      case 'ids':
        return [{ rule: ruleIds.ids, group, opensTicket: true, count }];
      case 'failure':
        return count >= 6 ? [{ rule: ruleIds.guessing, group, opensTicket: false, count: undefined }] : [];
      case 'success':
        return (counts.get(`failure ${group}`)?.count ?? 0) >= 5
          ? [{ rule: ruleIds.success, group, opensTicket: true, count: undefined }]
          : [];
      default:
        return unreachable(kind);
    }
  });
}

/** As the hub writes an address: the longest run of zeros left out (RFC 5952). */
function addressOf(kind: string, group: number): string {
  const number = group + 1;
  const [high, low] = [Math.floor(number / 65_536), number % 65_536];
  return `2001:db8:${kind}${high === 0 ? '' : `:${high.toString(16)}`}::${low === 0 ? '' : low.toString(16)}`;
}
