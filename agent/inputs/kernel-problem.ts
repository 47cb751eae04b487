// Why the kernel's log cannot be read, and what to do: for the input and for `doctor`.

export const kernelLogPath = '/dev/kmsg';

export function kernelLogProblem(code: string): { readonly says: string; readonly remedy: string } {
  const dropIn = 'copy kernel-log.conf from /usr/share/doc/atalaia-agent/examples into its drop-ins';
  if (code === 'ENOENT' || code === 'ENODEV')
    return {
      says: `there is no device ${kernelLogPath}`,
      remedy: `the service hides it: ${dropIn}; in a container, read the kernel's log on its host instead`,
    };
  if (code === 'EACCES' || code === 'EPERM')
    return {
      says: `${kernelLogPath} must not be read by this user`,
      remedy: `let the service: ${dropIn}`,
    };
  return { says: `${kernelLogPath} cannot be read (${code})`, remedy: 'look at the device; it is tried again' };
}
