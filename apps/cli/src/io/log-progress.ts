import type { ReadLogOptions } from '#event-store';
import type { CommandIo } from './command-io.ts';
import { Progress } from './progress.ts';

/** Runs work that reads the whole log, and shows its approximate progress. */
export async function withLogProgress<T>(
  io: CommandIo,
  label: string,
  work: (options: Required<ReadLogOptions>) => Promise<T>,
): Promise<T> {
  let share = 0;
  const total = (done: number): number | null => (share > 0 ? Math.round(done / share) : null);
  const progress = new Progress(io, { label, unit: 'events', total });
  try {
    return await work({
      signal: io.signal,
      onProgress: (events, read) => {
        share = read;
        progress.update(events);
      },
    });
  } finally {
    progress.end();
  }
}
