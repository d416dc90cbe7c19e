import { apiKeyStream, serviceStream } from '#domain';
import type { EventStore, RecordedEvent } from '#event-store';
import type { Stores } from '#shared/composition/stores';
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

/** Returns all events of the API keys that are limited to some Services with this one among them. */
export async function keyHistories(
  { events, readModel }: Pick<Stores, 'events' | 'readModel'>,
  serviceSid: string,
): Promise<RecordedEvent[]> {
  const { keys } = await readModel.users.everyApiKey();
  const limited = keys.filter(({ services }) => services?.includes(serviceSid) === true);
  const histories: RecordedEvent[] = [];
  for (const { sid } of limited) {
    histories.push(...(await Array.fromAsync(events.readStream(apiKeyStream(sid)))));
  }
  return histories;
}
