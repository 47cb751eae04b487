// The mixed stream that the figures of the hub are measured on: 40 % Windows events, 25 % Suricata EVE, 20 % sshd and sudo,
// 15 % nginx access.
// Promises: the same seed and start give the same lines; times go forward by `stepMs` a line from `startMs`. Text and
// format are described in the files beside this one; nothing is copied from anybody's logs.
import { seededRandom } from '../../../proto/durable/seeded-random.ts';
import { authSyslog } from './auth-syslog.ts';
import { nginxAccess } from './nginx-access.ts';
import { pickFrom, type Pick } from './pick.ts';
import { suricataEve } from './suricata-eve.ts';
import { windowsEvent } from './windows-event.ts';

export const streamKinds = ['windows', 'suricata', 'auth', 'nginx'] as const;
export type StreamKind = (typeof streamKinds)[number];

export interface GeneratedLine {
  readonly kind: StreamKind;
  readonly text: string;
}

export interface StreamWish {
  readonly seed: number;
  readonly startMs: number;
  readonly stepMs: number;
}

const writers: Readonly<Record<StreamKind, (pick: Pick, atMs: number) => string>> = {
  windows: windowsEvent,
  suricata: suricataEve,
  auth: authSyslog,
  nginx: nginxAccess,
};

/** Lines without an end; take as many as you need. */
export function* mixedStream(wish: StreamWish): Generator<GeneratedLine> {
  const random = seededRandom(wish.seed);
  const pick = pickFrom(random);
  for (let atMs = wish.startMs; ; atMs += wish.stepMs) {
    const kind = kindAt(random.unit());
    yield { kind, text: writers[kind](pick, atMs) };
  }
}

export function* streamOf(kind: StreamKind, wish: StreamWish): Generator<string> {
  const pick = pickFrom(seededRandom(wish.seed));
  for (let atMs = wish.startMs; ; atMs += wish.stepMs) yield writers[kind](pick, atMs);
}

function kindAt(place: number): StreamKind {
  if (place < 0.4) return 'windows';
  if (place < 0.65) return 'suricata';
  return place < 0.85 ? 'auth' : 'nginx';
}
