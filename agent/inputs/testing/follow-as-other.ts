// A program for tests that need another user: follows the *.log of a folder and prints what it reads and is warned of,
// one JSON object a line. `node follow-as-other.ts FOLDER`, stopped by its end of input.
import { systemClock, systemRandom } from '../../../proto/runtime/clock.ts';
import { createFraming } from '../../frame/create-framing.ts';
import { fenceOf } from '../file-fence.ts';
import { FileInput } from '../file-input.ts';

const [, , folder = ''] = process.argv;
const print = (message: object): void => void process.stdout.write(`${JSON.stringify(message)}\n`);
const stop = new AbortController();
process.stdin.on('end', () => stop.abort()).resume();

const input = new FileInput({
  source: {
    id: 'app',
    type: 'file',
    paths: [`${folder}/*.log`],
    exclude: [],
    encoding: 'utf-8',
    typeHint: '',
    timeZone: 'UTC',
    startAt: 'start',
    whenFull: 'block',
    lane: 'normal',
    labels: {},
  },
  fence: fenceOf([`${folder}/**`]),
  framing: createFraming({ encoding: 'utf-8' }),
  clock: systemClock,
  random: systemRandom,
  log: { debug: () => undefined, info: () => undefined, warn: (fields, text) => print({ warning: `${JSON.stringify(fields)} ${text}` }) },
});
for await (const { bytes, count, starts, ends } of input.read([], stop.signal))
  for (let i = 0; i < count; i++) print({ line: bytes.toString('utf8', starts[i], ends[i]) });
