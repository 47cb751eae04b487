// The manual pages, made from what the program says about itself and from the configuration that is shipped.
// Promises: plain man(7) that `man` and `mandoc` show; a page says what --help says, word for word.

export interface ManSource {
  readonly version: string;
  /** Seconds since 1970, of the sources. */
  readonly epoch: number;
}

export interface HelpText {
  readonly name: string;
  readonly help: string;
}

export function agentPage(commands: readonly HelpText[], source: ManSource): string {
  return [
    heading('ATALAIA-AGENT', 8, source),
    '.SH NAME\natalaia-agent \\- collects, buffers, filters, trims and ships log lines',
    '.SH SYNOPSIS\n.B atalaia-agent\n.I COMMAND\n[\\fIOPTIONS\\fR]',
    `.SH DESCRIPTION\n${prose(description)}`,
    `.SH COMMANDS\n${commands.map(({ name, help }) => `.SS ${escaped(name)}\n${literal(help)}`).join('\n')}`,
    `.SH THE SERVICE\n${prose(service)}`,
    `.SH UNATTENDED INSTALLATION\n${prose(unattended)}\n${literal(request)}`,
    `.SH EXIT STATUS\n${prose('0: answered, problems included in the answer. 1: the answer is no, or something failed. 2: wrong call or wrong configuration.')}`,
    `.SH FILES\n${files.map(([path, says]) => `.TP\n.I ${escaped(path)}\n${escaped(says)}`).join('\n')}`,
    `.SH ENVIRONMENT\n${environment.map(([name, says]) => `.TP\n.B ${escaped(name)}\n${escaped(says)}`).join('\n')}`,
    '.SH SEE ALSO\n.BR agent.yaml (5),\n.BR systemd.service (5),\n.BR journalctl (1)',
    '',
  ].join('\n');
}

export function configPage(config: string, source: ManSource): string {
  return [
    heading('AGENT.YAML', 5, source),
    '.SH NAME\nagent.yaml \\- configuration of the Atalaia agent',
    '.SH SYNOPSIS\n.I /etc/atalaia/agent.yaml',
    `.SH DESCRIPTION\n${prose(configDescription)}`,
    `.SH EVERY OPTION\n${literal(config)}`,
    '.SH SEE ALSO\n.BR atalaia-agent (8)',
    '',
  ].join('\n');
}

const description = `The agent stands on servers, firewalls and IDS hosts. It reads their logs, keeps them in a buffer on disk, cuts out
what the policy says, and ships them to an Atalaia hub over mutual TLS until the hub has acknowledged them. What was buffered is not
lost by a crash, a full disk or an absent hub, and arrives once.`;

const service = `The package installs a unit, atalaia-agent.service, that runs the agent as user atalaia in the groups adm and
systemd-journal, without capabilities and with a read-only view of the host. It starts once the agent has enrolled. The agent tells
systemd when it is ready and feeds the watchdog while it gets on: while its event loop turns, the disk of its data folder answers,
and no batch waits to become durable without a reason. A full buffer and an absent hub are reasons. What a host needs beyond this,
such as files that no group may read, ports below 1024 or logs below /home, goes into a drop-in;
/usr/share/doc/atalaia-agent/examples has one for each. Root's commands in the data folder are done as the folder's owner.`;

const unattended = `Installing the package enrols the agent when it finds the file /etc/atalaia/enroll, of root and with mode
0600, or the variables ATALAIA_HUB and ATALAIA_TOKEN_FILE in its environment. The file is deleted once it was used. When the hub
cannot be reached the package is installed all the same; dpkg-reconfigure atalaia-agent tries again. The file holds two lines:`;

const request = `hub=wss://hub.example.org:7443
token=atl1.…`;

const files: readonly (readonly [path: string, says: string])[] = [
  ['/etc/atalaia/agent.yaml', 'The configuration; see agent.yaml(5).'],
  ['/etc/atalaia/enroll', 'A request to enrol, read when the package is installed and deleted when it was used.'],
  ['/var/lib/atalaia', 'Key, certificate, buffer and the local socket; for the agent alone.'],
  ['/usr/lib/atalaia-agent', "The program, LevelDB's addon and the agent's own Node."],
  ['/run/atalaia', 'For sockets that local programs write to.'],
];

const environment: readonly (readonly [name: string, says: string])[] = [
  ['ATALAIA_CONFIG', 'The configuration, where --config does not say.'],
  ['ATALAIA_DATA', 'The data folder, where --data does not say.'],
  ['ATALAIA_TOKEN', 'The token for enroll, where --token-file does not say.'],
  ['MALLOC_ARENA_MAX, MALLOC_MMAP_THRESHOLD_', 'Set to 2 and 262144 unless they are set, which keeps the agent small.'],
];

const configDescription = `The configuration of atalaia-agent(8), in YAML. An unknown key, a wrong type or a value out of bounds is an error
that names file, line, column and remedy; \`atalaia-agent validate FILE\` looks without starting anything. Below is the file as it is
shipped: every option with its default and why. The agent reads it when it starts.`;

function heading(title: string, section: number, { version, epoch }: ManSource): string {
  const date = new Date(epoch * 1_000).toISOString().slice(0, 10);
  return `.\\" Made by scripts/package.ts from the program's own help.\n.TH ${title} ${section} ${date} "Atalaia ${escaped(version)}" "Atalaia"\n.nh\n.ad l`;
}

function prose(text: string): string {
  return escaped(text.replaceAll(/\s*\n\s*/g, ' '));
}

function literal(text: string): string {
  return `.nf\n${escaped(text.trimEnd())}\n.fi`;
}

/** A backslash, a hyphen that must stay one, and a line that would be taken for a request. */
function escaped(text: string): string {
  return text
    .replaceAll('\\', '\\(rs')
    .replaceAll('-', '\\-')
    .replaceAll('…', '...')
    .replaceAll(/^(?=[.'])/gm, '\\&');
}
