// Tells systemd how this service is: sd_notify for Type=notify and for the watchdog.
// NOTIFY_SOCKET is a Unix datagram socket, which Node cannot open, so that systemd's own `systemd-notify` sends each
// message (NotifyAccess=all); it comes with systemd and waits until the message was taken.
// Promises: without NOTIFY_SOCKET nothing happens; a message that cannot be sent is told to onFailure, never thrown.
import { execFile } from 'node:child_process';

export interface ServiceManager {
  /** The manager restarts the service when it hears nothing for this long; undefined: it does not watch. */
  readonly watchdogMs: number | undefined;
  /** Assignments of sd_notify(3), such as `READY=1` or `STATUS=…`. */
  tell(...assignments: readonly string[]): Promise<void>;
}

const sendMsMax = 10_000;
const program = 'systemd-notify';

type Environment = Readonly<Record<string, string | undefined>>;

export function serviceManager(environment: Environment, onFailure: (error: Error) => void): ServiceManager {
  const { NOTIFY_SOCKET: socket, PATH: path = '/usr/bin:/bin' } = environment;
  if (!socket) return { watchdogMs: undefined, tell: async () => undefined };
  return {
    watchdogMs: watchdogMs(environment),
    tell: (...assignments) =>
      new Promise((resolve) => {
        // Line ends would begin another assignment.
        const args = assignments.map((assignment) => assignment.replaceAll(/[\r\n]+/g, ' '));
        execFile(program, args, { env: { NOTIFY_SOCKET: socket, PATH: path }, timeout: sendMsMax }, (error) => {
          if (error) onFailure(error);
          resolve();
        });
      }),
  };
}

/** WATCHDOG_PID says whom the manager means; a child that inherited the environment is not meant. */
function watchdogMs({ WATCHDOG_USEC: microseconds, WATCHDOG_PID: pid }: Environment): number | undefined {
  const ms = Number(microseconds) / 1_000;
  const isMeant = pid === undefined || pid === '' || pid === String(process.pid);
  return isMeant && Number.isFinite(ms) && ms > 0 ? ms : undefined;
}
