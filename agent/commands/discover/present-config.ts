// What the host's agent.yaml says already: its fence, and what it collects.
import { agentConfigSchema } from '../../../config/agent-config.ts';
import { parseYaml } from '../../../config/load-yaml.ts';
import type { FileSource } from '../../../config/policy/sources/sources.ts';
import { UsageError } from '../../../proto/runtime/errors.ts';
import { fenceOf } from '../../inputs/file-fence.ts';
import { parseGlob } from '../../inputs/glob-pattern.ts';
import type { HostRoot } from './host-root.ts';

const path = '/etc/atalaia/agent.yaml';

export class PresentConfig {
  /** Globs of the fence, or the defaults where there is no configuration. */
  readonly fence: readonly string[];
  /** The host has an agent.yaml. */
  readonly isThere: boolean;
  readonly #sources: readonly FileSource[];

  constructor(isThere: boolean, fence: readonly string[], sources: readonly FileSource[]) {
    this.isThere = isThere;
    this.fence = fence;
    this.#sources = sources;
  }

  isOutside(glob: string): boolean {
    return !fenceOf(this.fence)(glob.replaceAll(/[*?[\]{}]/g, 'x'));
  }

  /** Sources that collect one of the paths already. */
  collecting(paths: readonly string[]): readonly string[] {
    const collects = ({ paths: globs, exclude }: FileSource, one: string): boolean =>
      globs.includes(one) || (matches(globs, one) && !matches(exclude, one));
    return this.#sources.filter((source) => paths.some((one) => collects(source, one))).map(({ id }) => id);
  }
}

export function presentConfig(host: HostRoot): PresentConfig {
  const { fence, policy } = readConfig(host);
  return new PresentConfig(
    host.isFile(path),
    fence.paths,
    policy.sources.flatMap((source) => (source.type === 'file' ? [source] : [])),
  );
}

function readConfig(host: HostRoot): ReturnType<typeof agentConfigSchema.parse> {
  const text = host.text(path);
  try {
    if (text !== undefined) return parseYaml(text, agentConfigSchema, path);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    host.problems.set(path, error.message);
  }
  return agentConfigSchema.parse({ version: 1 });
}

function matches(globs: readonly string[], one: string): boolean {
  return globs.flatMap(parseGlob).some((pattern) => pattern.matches(one));
}
