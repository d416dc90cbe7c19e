import type { Command } from 'commander';
import { serviceStream, STREAM_PREFIXES } from '#domain';
import type { EventStore, RecordedEvent } from '#event-store';
import { eventTypes, serviceSid } from '../arguments/parsers.ts';
import { usageError } from '../cli-error.ts';

/** Selects events. A property that is left out matches every event. */
export interface EventFilter {
  readonly stream?: string;
  readonly service?: string;
  readonly type?: readonly string[];
}

/** Adds the options of an EventFilter to a command. */
export function withFilterOptions(command: Command): Command {
  return command
    .option('--stream <name>', 'only this stream, such as user-US... or service-IS...')
    .option('--service <sid>', 'only this Service and its Users', serviceSid)
    .option('--type <type>', 'only events of this type; repeat for more types', eventTypes);
}

/** Returns whether an event matches a filter. Events of a Service are its own and those of its Users. */
export function matchesFilter(
  { stream, service, type }: EventFilter,
  event: RecordedEvent,
): boolean {
  if (stream !== undefined && event.stream !== stream) return false;
  if (type !== undefined && !type.includes(event.type)) return false;
  return service === undefined || serviceOf(event) === service;
}

/**
 * Rejects a filter with a Service or a stream that does not exist: a mistyped name would silently match nothing.
 *
 * @throws CliError
 */
export async function assertFilterExists(
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

function serviceOf({ stream, data }: RecordedEvent): string | null {
  if (stream.startsWith(serviceStream(''))) return stream.slice(serviceStream('').length);
  return 'serviceSid' in data && typeof data.serviceSid === 'string' ? data.serviceSid : null;
}

async function exists(log: EventStore, stream: string): Promise<boolean> {
  return (await Array.fromAsync(log.readStream(stream, { limit: 1 }))).length > 0;
}
