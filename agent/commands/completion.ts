// `atalaia-agent completion bash|zsh|fish`: what a shell needs to complete this program's words, made from its own help.
import { UsageError } from '../../proto/runtime/errors.ts';
import { choicesOf, isPath, wordsOf, type CommandWords, type OptionWords } from './command-words.ts';
import { readOptions, write, type Command } from './read-options.ts';

const usage = 'completion bash|zsh|fish';
const help = `atalaia-agent ${usage}

Prints the completion of this program's commands and options for a shell. The Debian package installs all three; elsewhere:

  bash   atalaia-agent completion bash > /etc/bash_completion.d/atalaia-agent
  zsh    atalaia-agent completion zsh > "\${fpath[1]}/_atalaia-agent"
  fish   atalaia-agent completion fish > ~/.config/fish/completions/atalaia-agent.fish
`;

const shells: Readonly<Record<string, (commands: readonly CommandWords[]) => string>> = { bash, zsh, fish };

/** `commands` is asked when the command runs: the table holds this very command too. */
export function completionOf(commands: () => ReadonlyMap<string, Command>): Command {
  return {
    summary: 'completion bash|zsh|fish              completion of these words for a shell',
    help,
    async run(args, io) {
      const { positionals } = readOptions(args, {}, usage);
      const [shell = '', more] = positionals;
      const print = Object.hasOwn(shells, shell) ? shells[shell] : undefined;
      if (!print || more !== undefined) throw new UsageError(`name one shell; usage: ${usage}`);
      await write(io.output, print([...commands()].map(([name, command]) => wordsOf(name, command))));
      return 0;
    },
  };
}

function bash(commands: readonly CommandWords[]): string {
  const options = commands.flatMap((command) => command.options);
  const names = (wanted: (option: OptionWords) => boolean): string => distinct(options.filter(wanted)).join('|') || '--none';
  const choices = options.filter((option) => choicesOf(option).length > 0);
  return `# bash completion of atalaia-agent
_atalaia_agent() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} words=
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W "${[...commands.map(({ name }) => name), 'help'].join(' ')}" -- "$word"))
    return
  fi
  case "$before" in
    ${names(isPath)}) compopt -o default; return ;;
${[...new Map(choices.map((option) => [option.name, option])).values()].map((option) => `    ${option.name}) COMPREPLY=($(compgen -W "${choicesOf(option).join(' ')}" -- "$word")); return ;;\n`).join('')}    ${names((option) => option.value !== '' && !isPath(option) && choicesOf(option).length === 0)}) return ;;
  esac
  case "\${COMP_WORDS[1]}" in
${commands.map(bashCommand).join('\n')}
    help) words="${commands.map(({ name }) => name).join(' ')}" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -F _atalaia_agent atalaia-agent
`;
}

function bashCommand({ name, verbs, options, takesFile }: CommandWords): string {
  const words = [...verbs, ...options.map((option) => option.name), '--help'].join(' ');
  return `    ${name}) words="${words}"${takesFile ? '; [[ $word == -* ]] || compopt -o default' : ''} ;;`;
}

function zsh(commands: readonly CommandWords[]): string {
  return `#compdef atalaia-agent
_atalaia_agent() {
  if ((CURRENT == 2)); then
    local -a commands=(
${commands.map(({ name, says }) => `      ${quoted(`${name}:${says.replaceAll(':', '\\:')}`)}`).join('\n')}
      'help:the help of a command'
    )
    _describe command commands
    return
  fi
  local command=$words[2]
  words=($words[1] $words[3,-1])
  ((CURRENT--))
  case $command in
${commands.map(zshCommand).join('\n')}
    help) _values command ${commands.map(({ name }) => name).join(' ')} ;;
  esac
}
_atalaia_agent "$@"
`;
}

function zshCommand({ name, verbs, options, takesFile }: CommandWords): string {
  const told = options.map((option) => {
    const says = option.says.replaceAll(/[[\]:]/g, ' ');
    const choices = choicesOf(option);
    const values = isPath(option) ? '_files' : choices.length > 0 ? `(${choices.join(' ')})` : '';
    return quoted(`${option.name}[${says}]${option.value === '' ? '' : `:value:${values}`}`);
  });
  const first = verbs.length > 0 ? [quoted(`1:what:(${verbs.join(' ')})`)] : takesFile ? [quoted('*:file:_files')] : [];
  return `    ${name}) _arguments ${[...told, quoted('--help[its help]'), ...first].join(' ')} ;;`;
}

function fish(commands: readonly CommandWords[]): string {
  const first = commands.map(({ name, says }) => `complete -c atalaia-agent -n __fish_use_subcommand -f -a ${name} -d ${quoted(says)}`);
  return `# fish completion of atalaia-agent
complete -c atalaia-agent -f
${first.join('\n')}
complete -c atalaia-agent -n __fish_use_subcommand -f -a help -d 'the help of a command'
${commands.flatMap(fishCommand).join('\n')}
`;
}

function fishCommand({ name, verbs, options, takesFile }: CommandWords): string[] {
  const begin = `complete -c atalaia-agent -n '__fish_seen_subcommand_from ${name}'`;
  const told = options.map((option) => {
    const choices = choicesOf(option);
    const values = isPath(option) ? ' -r -F' : choices.length > 0 ? ` -x -a '${choices.join(' ')}'` : option.value === '' ? '' : ' -x';
    return `${begin} -l ${option.name.slice(2)}${values} -d ${quoted(option.says)}`;
  });
  return [
    ...verbs.map((verb) => `${begin} -f -a ${verb}`),
    ...(takesFile ? [`${begin} -F`] : []),
    ...told,
    `${begin} -l help -d 'its help'`,
  ];
}

function distinct(options: readonly OptionWords[]): string[] {
  return [...new Set(options.map(({ name }) => name))];
}

/** For a shell, in single quotes. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
