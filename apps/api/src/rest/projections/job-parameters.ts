import type { JobParameters } from '#operational-state';
import type { CreateJobDto } from './jobs.dto.ts';

/** Returns the parameters of a job as use cases take them. */
export function jobParameters({ Version, Restart, Event }: CreateJobDto): JobParameters {
  return {
    ...(Version === undefined ? {} : { version: Version }),
    ...(Restart === undefined ? {} : { restart: Restart }),
    ...(Event === undefined ? {} : { event: toEventRef(Event) }),
  };
}

function toEventRef(text: string): NonNullable<JobParameters['event']> {
  const at = text.lastIndexOf('@');
  return { stream: text.slice(0, at), revision: Number(text.slice(at + 1)) };
}
