// `atalaia-agent status`: what the running agent says about itself, asked over its local socket.
import { setTimeout as delay } from 'node:timers/promises';
import { AtalaiaError } from '../../proto/runtime/errors.ts';
import { askLocal } from '../../proto/runtime/local-socket.ts';
import type { AgentStatus } from '../tell-status.ts';
import { configHelp, configOptions, findDataFolder } from './find-config.ts';
import { printableJson } from './printable.ts';
import { readOptions, write, writeJson, type Command } from './read-options.ts';
import { statusText } from './status-text.ts';

const usage = 'status [--text|--json] [--watch]';
const watchIntervalMs = 2_000;

export const status: Command = {
  summary: 'status                                what the running agent does: sources, buffer, connection',
  help: `atalaia-agent ${usage} [--data FOLDER] [--config FILE]

On a terminal: the connection, every source with its rates, how far it is behind and its trouble, the ladder of lines, and
every lane of the buffer. Elsewhere one JSON object. Exits with 1 when no agent runs there.

  --text        for people, wherever it goes
  --json        one JSON object, on a terminal too
  --watch       again every 2 seconds, until Ctrl-C
${configHelp}

The JSON object: agentId, version, hub, uptimeMs, certificateExpires, policyHash, testsFailed, connection (state, address,
lastError, batches and bytes sent and acked, credit, clock), read {lines, bytes}, rates {linesPerSecond, bytesPerSecond,
batchesAckedPerSecond} of the last minute, lagBytes, lastError {text, at, remedy} or null, rssBytes, positions (the newest 200),
originals, otherHubs (of each: name, problem, and the same members as far as they concern one hub), and
  sources: sourceId, type, linesRead, bytesRead (since it was opened), lagBytes (null: a journal does not tell), unreadAgeMs and
           uncommittedAgeMs (the oldest line that is not read, or that the hub has not acknowledged, is at least so old; 0: none
           waits, null: not known), bufferedUpTo (of a journal), lastReadMs, lastReadAgeMs, linesPerSecond, bytesPerSecond,
           problem, linesDropped, linesUnparsed, and ladder {read, filtered, dropped by reason, kept, committed, waiting, sent,
           lost, unsure, trimmed, cut, bytesRead, bytesKept} of lines that are buffered, since the streams began:
           read = filtered + dropped + kept, kept = committed + waiting + lost + unsure. Of the waiting ones, sent are on their
           way; unsure were committed or lost before a damage, a roll-back or a buffer that was deleted; null: not known yet
  lanes:   lane, batches, bytes, bytesMax, isFull, lostBatches, oldestAgeMs (at least, where isOldestAtLeast: from an earlier
           start), growthBytesPerSecond, fullInMs (null: does not grow), and ladder {sealed, acked, waiting, lostWaiting} in
           batches of this epoch: sealed = acked + waiting + lostWaiting
`,
  async run(args, io) {
    const switches = { text: { type: 'boolean' }, json: { type: 'boolean' }, watch: { type: 'boolean' } } as const;
    const options = readOptions(args, { ...configOptions, ...switches }, usage);
    const dataFolder = findDataFolder(options, io);
    const { text, json, watch } = options.values;
    const isTerminal = Reflect.get(io.output, 'isTTY') === true;
    const isForPeople = text === true || (json !== true && isTerminal);
    for (;;) {
      const answer = await askLocal(dataFolder, { program: 'agent', ask: 'status' });
      if (answer === undefined)
        throw new AtalaiaError('NOT_RUNNING', `no agent runs on ${dataFolder}; start one with \`atalaia-agent run\``);
      // Answered by the agent on this host, which may be of another version: what is not there is not shown.
      if (isForPeople)
        await write(io.output, (watch === true && isTerminal ? clearScreen : '') + statusText(answer as AgentStatus, Date.now()));
      else if (isTerminal) await write(io.output, `${printableJson(answer)}\n`);
      else await writeJson(io.output, answer);
      if (watch !== true) return 0;
      await delay(watchIntervalMs);
    }
  },
};

const clearScreen = '\x1b[H\x1b[2J';
