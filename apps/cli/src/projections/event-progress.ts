import { shareOfLog, type EventStore } from '#event-store';
import type { CatchUpOptions } from '#projections';
import type { CommandIo } from '../io/command-io.ts';
import { Progress } from '../io/progress.ts';

/** Runs work that goes through the log, showing how far it is. */
export async function withEventProgress<T>(
  io: CommandIo,
  log: EventStore,
  label: string,
  work: (options: CatchUpOptions) => Promise<T>,
): Promise<T> {
  const head = await log.head();
  let share = 0;
  const total = (done: number): number | null => (share > 0 ? Math.round(done / share) : null);
  const progress = new Progress(io, { label, unit: 'events', total });
  try {
    return await work({
      signal: io.signal,
      onProgress: ({ position, events }) => {
        share = shareOfLog(position, head);
        progress.update(events);
      },
    });
  } finally {
    progress.end();
  }
}
