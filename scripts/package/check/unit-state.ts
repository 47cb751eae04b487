// What systemd in the guest says of the service, and waiting until it says something else.
import { setTimeout as delay } from 'node:timers/promises';
import type { CheckParts } from './check-chroot.ts';

const factsMsMax = 60_000;

export function property({ guest }: CheckParts, name: string): string {
  return guest.run(`systemctl show -p ${name} --value atalaia-agent`).out;
}

export async function until({ guest, report }: CheckParts, says: string, isSo: () => boolean): Promise<void> {
  for (const untilMs = Date.now() + factsMsMax; !isSo() && Date.now() < untilMs;) await delay(250);
  report.must(isSo(), says, guest.run('systemctl --no-pager status atalaia-agent; journalctl --no-pager -u atalaia-agent | tail -20').out);
}
