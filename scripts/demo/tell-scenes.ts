// Writes the story's lines into the files that the agent follows, in the order of their times. Twelve minutes are told in
// `tellMs`; every line carries the time that it has in the story, shifted so that the last one is written at its own time.
import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { storyMs, type Scene, type SourceName } from './story.ts';

const stepMs = 50;

export interface Telling {
  readonly scenes: readonly Scene[];
  readonly files: Readonly<Record<SourceName, string>>;
  readonly beginMs: number;
  readonly tellMs: number;
  readonly onScene: (scene: Scene, at: number) => void;
  /** Now and then, while the telling goes on. */
  readonly onPause: () => Promise<void>;
  readonly signal: AbortSignal;
}

/** When the story begins, so that it ends when it has been told. */
export function storyBegin(nowMs: number, tellMs: number): number {
  return nowMs + tellMs - storyMs;
}

export async function tellScenes({ scenes, files, beginMs, tellMs, onScene, onPause, signal }: Telling): Promise<number> {
  for (const file of Object.values(files)) mkdirSync(dirname(file), { recursive: true });
  const startedMs = performance.now();
  const shrink = tellMs / storyMs;
  let told = 0;
  for (const [at, scene] of scenes.entries()) {
    onScene(scene, at);
    for (const { source, afterMs, line } of scene.lines) {
      while (performance.now() - startedMs < afterMs * shrink) {
        await delay(stepMs, undefined, { signal });
        await onPause();
      }
      appendFileSync(files[source], `${line(new Date(beginMs + afterMs))}\n`);
      told += 1;
    }
  }
  return told;
}
