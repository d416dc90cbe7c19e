import { serviceStream } from '#domain';
import type { RecordedEvent } from '#event-store';

/** Which events a command is about; what is left out is not asked for. */
export interface EventFilter {
  readonly stream?: string;
  readonly service?: string;
  readonly type?: readonly string[];
}

/** True for an event that fits all of a filter. The events of a Service are its own and those of its Users. */
export function fits({ stream, service, type }: EventFilter, event: RecordedEvent): boolean {
  if (stream !== undefined && event.stream !== stream) return false;
  if (type !== undefined && !type.includes(event.type)) return false;
  return service === undefined || serviceOf(event) === service;
}

function serviceOf({ stream, data }: RecordedEvent): string | null {
  if (stream.startsWith(serviceStream(''))) return stream.slice(serviceStream('').length);
  return 'serviceSid' in data && typeof data.serviceSid === 'string' ? data.serviceSid : null;
}
