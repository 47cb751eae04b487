// Which lines have a place that their source can go back to (DELIVERY.md 4): files and journals, not datagrams and pipes.
import type { StreamInfo } from './ports.ts';

export function canBeReadAgain({ stream, cursor }: { readonly stream: Pick<StreamInfo, 'file'>; readonly cursor: string }): boolean {
  return stream.file !== undefined || cursor !== '';
}
