import type { EventStore, RecordedEvent } from '#event-store';
import { effectiveTime } from '#projections';
import type { TimedEvent } from '#read-model';
import type { LogBound } from '../arguments/parsers.ts';
import { usageError } from '../cli-error.ts';
import type { CommandIo } from '../io/command-io.ts';

/** A range of the log, inclusive at both ends. */
export interface LogWindow {
  readonly from?: LogBound;
  readonly to?: LogBound;
}

/**
 * Yields the events of a window with their effective times. An effective time depends on all events before it, so
 * this reads the log from its beginning. Memory use does not depend on the length of the log.
 *
 * @throws CliError if a bound is not a position of this log, or the window ends before it begins
 */
export async function* readWindow(
  io: CommandIo,
  log: EventStore,
  window: LogWindow,
): AsyncGenerator<TimedEvent> {
  const { from, to } = await resolve(log, window);
  let effectiveAt: string | null = null;
  for await (const recorded of log.readAll()) {
    io.signal.throwIfAborted();
    effectiveAt = effectiveTime(effectiveAt, recorded.metadata);
    const timed = { recorded, effectiveAt };
    if (to !== undefined && isAfter(timed, to)) return;
    if (from === undefined || !isBefore(timed, from)) yield timed;
  }
}

/** Returns the window with positions padded to the width that this log uses. */
async function resolve(log: EventStore, { from, to }: LogWindow): Promise<LogWindow> {
  const width = (await log.head())?.length ?? 0;
  const resolved = [from, to].map((bound) => {
    if (bound?.kind !== 'position') return bound;
    const position = bound.position.padStart(width, '0');
    if (width === 0 || position.length === width) return { ...bound, position };
    throw usageError(`${position} is not a position of this log: positions have ${width} digits`);
  });
  const [first, last] = resolved;
  const empty =
    (first?.kind === 'time' && last?.kind === 'time' && first.time > last.time) ||
    (first?.kind === 'position' && last?.kind === 'position' && first.position > last.position);
  if (empty) throw usageError('--to is before --from');
  return { ...(first && { from: first }), ...(last && { to: last }) };
}

function isBefore({ recorded, effectiveAt }: TimedEvent, bound: LogBound): boolean {
  return bound.kind === 'time' ? effectiveAt < bound.time : recorded.position < bound.position;
}

function isAfter({ recorded, effectiveAt }: TimedEvent, bound: LogBound): boolean {
  return bound.kind === 'time' ? effectiveAt > bound.time : recorded.position > bound.position;
}

/** Yields the events of a window. Reads a single stream where one is given and no bound is a time. */
export async function* readEvents(
  io: CommandIo,
  log: EventStore,
  { stream, ...window }: LogWindow & { readonly stream?: string },
): AsyncGenerator<RecordedEvent> {
  if (stream === undefined || window.from?.kind === 'time' || window.to?.kind === 'time') {
    for await (const { recorded } of readWindow(io, log, window)) yield recorded;
    return;
  }
  const { from, to } = await resolve(log, window);
  for await (const recorded of log.readStream(stream)) {
    io.signal.throwIfAborted();
    const timed = { recorded, effectiveAt: recorded.metadata.occurredAt };
    if (to !== undefined && isAfter(timed, to)) return;
    if (from === undefined || !isBefore(timed, from)) yield recorded;
  }
}
