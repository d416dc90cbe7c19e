import { shareOfLog, type EventStore } from '#event-store';
import type { CatchUpOptions } from '#projections';
import type { CommandIo } from '../io/command-io.ts';
import { withLogProgress } from '../io/log-progress.ts';

/** Runs work that folds the log into a projection, and shows its progress. */
export async function withEventProgress<T>(
  io: CommandIo,
  log: EventStore,
  label: string,
  work: (options: CatchUpOptions) => Promise<T>,
): Promise<T> {
  const head = await log.head();
  return withLogProgress(io, label, ({ signal, onProgress }) =>
    work({
      signal,
      onProgress: ({ position, events }) => onProgress(events, shareOfLog(position, head)),
    }),
  );
}
