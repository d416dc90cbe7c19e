import { serviceStream } from '#domain';
import type { EventStore, RecordedEvent } from '#event-store';
import { usageError } from '../cli-error.ts';

/** Returns all events of a Service, also of a deleted one. @throws CliError if there never was one */
export async function serviceHistory(
  log: EventStore,
  serviceSid: string,
): Promise<RecordedEvent[]> {
  const history = await Array.fromAsync(log.readStream(serviceStream(serviceSid)));
  if (history.length === 0) throw usageError(`There is no Service ${serviceSid}`);
  return history;
}
