import { describeEvent, traceIdOf } from '#read-model';
import { isServiceStream, maskPasswords, reachabilityRegistry } from '#domain';
import type { RecordedEvent } from '#event-store';
import { writeJsonLine, writeLine, type CommandIo } from '../io/command-io.ts';
import { printable } from '../io/text.ts';

/** Prints one event on one line: as recorded in JSON, else as a sentence. Passwords in webhook URLs are masked. */
export async function printEvent(io: CommandIo, event: RecordedEvent): Promise<void> {
  if (io.json) await writeJsonLine(io, asJson(event));
  else await writeLine(io, asLine(event));
}

function asJson(event: RecordedEvent) {
  const { position, stream, revision, id, type, schemaVersion, metadata } = event;
  return {
    position,
    stream,
    revision,
    id,
    type,
    schema_version: schemaVersion,
    occurred_at: metadata.occurredAt,
    actor: metadata.actor,
    source: metadata.source ?? null,
    correlation_id: metadata.correlationId,
    causation_id: metadata.causationId,
    trace_id: traceIdOf(metadata),
    data: withoutPasswords(event),
  };
}

/** Returns the recorded data of an event, also of one that this program cannot decode, without passwords. */
function withoutPasswords({ stream, data }: RecordedEvent): unknown {
  // Only Services have URLs: most events need no copy.
  return isServiceStream(stream) ? maskPasswords(data) : data;
}

function asLine(event: RecordedEvent): string {
  const { position, stream, revision, type, metadata } = event;
  const by = printable(metadata.actor);
  return `${metadata.occurredAt}  ${position}  ${stream}@${revision}  ${type}  ${describe(event)}  by ${by}`;
}

/** Describes an event; one that this program cannot decode is shown as its recorded data. */
function describe(event: RecordedEvent): string {
  try {
    return describeEvent(reachabilityRegistry.decode(event));
  } catch {
    return JSON.stringify(withoutPasswords(event));
  }
}
