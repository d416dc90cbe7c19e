import type { EventStore, RecordedEvent } from '#event-store';
import { effectiveTime } from '#projections';
import type { TimedEvent } from '#read-model';
import type { LogBound } from '../arguments/parsers.ts';
import { usageError } from '../cli-error.ts';
import type { CommandIo } from '../io/command-io.ts';

/** A stretch of the log, both ends included. */
export interface LogWindow {
  readonly from?: LogBound;
  readonly to?: LogBound;
}

/**
 * Reads a stretch of the log with effective times, which take every event before it into account; so the log is
 * read from its beginning, and memory stays flat.
 *
 * @throws CliError where a bound is no position of this log, or the window ends before it begins
 */
export async function* readWindow(
  io: CommandIo,
  log: EventStore,
  window: LogWindow,
): AsyncGenerator<TimedEvent> {
  await assertSound(log, window);
  let effectiveAt: string | null = null;
  for await (const recorded of log.readAll()) {
    io.signal.throwIfAborted();
    effectiveAt = effectiveTime(effectiveAt, recorded.metadata.occurredAt);
    const timed = { recorded, effectiveAt };
    if (window.to !== undefined && isAfter(timed, window.to)) return;
    if (window.from === undefined || !isBefore(timed, window.from)) yield timed;
  }
}

async function assertSound(log: EventStore, { from, to }: LogWindow): Promise<void> {
  const head = await log.head();
  for (const bound of [from, to]) {
    if (bound?.kind !== 'position' || head === null) continue;
    if (bound.position.length !== head.length) {
      throw usageError(`${bound.position} is no position of this log: they look like ${head}`);
    }
  }
  const empty =
    (from?.kind === 'time' && to?.kind === 'time' && from.time > to.time) ||
    (from?.kind === 'position' && to?.kind === 'position' && from.position > to.position);
  if (empty) throw usageError('--to is before --from');
}

function isBefore({ recorded, effectiveAt }: TimedEvent, bound: LogBound): boolean {
  return bound.kind === 'time' ? effectiveAt < bound.time : recorded.position < bound.position;
}

function isAfter({ recorded, effectiveAt }: TimedEvent, bound: LogBound): boolean {
  return bound.kind === 'time' ? effectiveAt > bound.time : recorded.position > bound.position;
}

/** Events of a window, from one stream where one is named and no time is asked about. */
export async function* readEvents(
  io: CommandIo,
  log: EventStore,
  { stream, ...window }: LogWindow & { readonly stream?: string },
): AsyncGenerator<RecordedEvent> {
  const { from, to } = window;
  if (stream === undefined || from?.kind === 'time' || to?.kind === 'time') {
    for await (const { recorded } of readWindow(io, log, window)) yield recorded;
    return;
  }
  await assertSound(log, window);
  for await (const recorded of log.readStream(stream)) {
    io.signal.throwIfAborted();
    if (to !== undefined && recorded.position > to.position) return;
    if (from === undefined || recorded.position >= from.position) yield recorded;
  }
}
