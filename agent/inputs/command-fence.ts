// The local fence: which commands may be run, whatever a policy says. A command is allowed only as it stands in
// `fence.commands`, every argument included: an interpreter with free arguments would be a shell on this host.

export type CommandFence = (command: readonly string[]) => boolean;

export function commandFenceOf(allowed: readonly (readonly string[])[]): CommandFence {
  const known = new Set(allowed.map((command) => JSON.stringify(command)));
  return (command) => known.has(JSON.stringify(command));
}
