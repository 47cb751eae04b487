// A time zone by its IANA name, where a configuration may say `local`: the machine's own, or UTC where that is not set to one.
// Intl knows it too, but to ask Intl brings some 6 MB of the runtime's tables into an agent's memory, for good.
export function zoneName(configured: string): string {
  if (configured !== 'local') return configured;
  const own = Temporal.Now.timeZoneId();
  return own === 'Etc/Unknown' ? 'UTC' : own;
}
