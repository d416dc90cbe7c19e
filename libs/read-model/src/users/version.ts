import type { Position } from '#event-store';

/**
 * The version of an answer, the same at every door: `<epoch>:<position>`. Within an epoch, which names the event
 * store, versions compare as strings.
 */
export function formatVersion(epoch: string, position: Position): string {
  return `${epoch}:${position}`;
}
