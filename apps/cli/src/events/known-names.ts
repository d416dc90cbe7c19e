import { serviceStream, STREAM_PREFIXES } from '#domain';
import type { EventStore } from '#event-store';
import { usageError } from '../cli-error.ts';
import type { EventFilter } from './event-filter.ts';

/**
 * Refuses a filter that names what is not there: mistyped, it would silently find nothing.
 *
 * @throws CliError
 */
export async function assertKnown(
  log: EventStore,
  { stream, service }: EventFilter,
): Promise<void> {
  if (service !== undefined && !(await exists(log, serviceStream(service)))) {
    throw usageError(`There is no Service ${service}`);
  }
  if (stream !== undefined && !(await exists(log, stream))) {
    const forms = STREAM_PREFIXES.map((prefix) => `${prefix}...`).join(', ');
    throw usageError(`There is no stream ${stream}; streams are named ${forms}`);
  }
}

async function exists(log: EventStore, stream: string): Promise<boolean> {
  return (await Array.fromAsync(log.readStream(stream, { limit: 1 }))).length > 0;
}
