// Runs the schedules of one call in several processes: each gets its part of the seeds and prints what failed.
// Promises: the number of failed schedules over all of them; a process that ends without its last line fails as a whole.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface Shares {
  readonly runs: number;
  readonly seed: number;
}

export async function shareOut(workers: number, script: string, parameters: readonly string[], { runs, seed }: Shares): Promise<number> {
  const each = Math.ceil(runs / workers);
  const parts = Array.from({ length: workers }, (_, at) => ({ from: seed + at * each, count: Math.min(each, runs - at * each) }));
  const others = withoutOptions(parameters, ['--runs', '--seed', '--workers']);
  const failed = await Promise.all(
    parts
      .filter(({ count }) => count > 0)
      .map(({ from, count }) => runPart([script, ...others, '--runs', String(count), '--seed', String(from)], count)),
  );
  return failed.reduce((sum, count) => sum + count, 0);
}

function withoutOptions(parameters: readonly string[], names: readonly string[]): string[] {
  return parameters.filter((parameter, at) => {
    const name = names.find((known) => parameter === known || parameter.startsWith(`${known}=`) || parameters[at - 1] === known);
    return name === undefined;
  });
}

function runPart(parameters: readonly string[], count: number): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, parameters, { stdio: ['ignore', 'pipe', 'inherit'] });
    let last = '';
    createInterface({ input: child.stdout }).on('line', (line) => {
      // What failed is shown when it failed; the part's own last line is for us.
      if (last !== '') console.log(last);
      last = line;
    });
    child.once('close', () => {
      const failed = /^\d+ runs, (\d+) failed$/.exec(last)?.[1];
      resolve(failed === undefined ? count : Number(failed));
    });
  });
}
