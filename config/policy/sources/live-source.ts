// What a source says that cannot be read again: it has no place to begin at, only what comes from now on.
import { everySource } from './every-source.ts';

const { startAt: _, ...withoutPlace } = everySource;

export const liveSource = withoutPlace;
