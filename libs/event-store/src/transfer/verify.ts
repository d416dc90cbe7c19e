import { Compile } from 'typebox/schema';
import { EventError, UnknownEventTypeError } from '#domain';
import type { RecordedEvent } from '../envelope.ts';
import { UnreadableEventError, type EventLocation } from '../errors.ts';
import type { EventStore } from '../event-store.ts';
import { shareOfLog, type Position } from '../position.ts';
import { Metadata } from './file-format.ts';
import { Findings, type Finding } from './findings.ts';
import { SeenIds } from './seen-ids.ts';
import type { EventDecoder } from './import.ts';
import type { ReadLogOptions } from './stats.ts';

export interface VerifyOptions extends ReadLogOptions {
  readonly registry: EventDecoder;
  /** Reports events of types that this program does not know as warnings; by default as errors. */
  readonly keepUnknownTypes?: boolean;
  /** Maximum number of findings to return; all are counted. 100 by default. */
  readonly limit?: number;
  readonly clock?: () => Date;
}

export interface LogVerification {
  readonly events: number;
  readonly streams: number;
  readonly head: Position | null;
  /** Number of findings that mean damage. */
  readonly errors: number;
  readonly warnings: number;
  /** The first findings, in log order. */
  readonly findings: readonly Finding[];
}

const REPORT_EVERY = 1_000;
/** Milliseconds that an event may be dated ahead of this machine's clock without a warning. */
const CLOCK_TOLERANCE_MS = 60 * 60 * 1_000;
const metadataShape = Compile(Metadata);

/**
 * Reads the whole log, up to the end it has at the start of the call, and checks order, revisions, types, payloads,
 * ids and times. Memory grows with the number of streams, and by about 16 bytes per event.
 *
 * @throws EventStoreError when the log cannot be read at all
 */
export async function verifyLog(
  store: EventStore,
  options: VerifyOptions,
): Promise<LogVerification> {
  const { signal, onProgress, limit = 100 } = options;
  const head = await store.head();
  const findings = new Findings(limit);
  const check = new LogCheck(findings, options);
  for await (const found of readEvents(store)) {
    if (found instanceof UnreadableEventError) check.unreadable(found);
    else check.event(found);
    if (check.events % REPORT_EVERY !== 0) continue;
    signal?.throwIfAborted();
    onProgress?.(check.events, shareOfLog(check.position, head));
  }
  await reportRepeatedIds(store, check.repeatedIds, findings);
  return { events: check.events, streams: check.streams, head, ...findings.summary() };
}

/** Reads the log, with an error in the place of each unreadable event. */
async function* readEvents(
  store: EventStore,
): AsyncGenerator<RecordedEvent | UnreadableEventError> {
  let after: Position | null = null;
  for (;;) {
    try {
      yield* store.readAll({ after });
      return;
    } catch (error) {
      if (!(error instanceof UnreadableEventError)) throw error;
      yield error;
      after = error.location.position;
    }
  }
}

class LogCheck {
  events = 0;
  position: Position | null = null;
  readonly repeatedIds = new Set<string>();
  readonly #findings: Findings;
  readonly #options: VerifyOptions;
  readonly #latestTime: string;
  readonly #revisions = new Map<string, number>();
  readonly #ids = new SeenIds();

  constructor(findings: Findings, options: VerifyOptions) {
    this.#findings = findings;
    this.#options = options;
    const now = options.clock?.() ?? new Date();
    this.#latestTime = new Date(now.getTime() + CLOCK_TOLERANCE_MS).toISOString();
  }

  get streams(): number {
    return this.#revisions.size;
  }

  unreadable({ location, message }: UnreadableEventError): void {
    this.#order(location);
    this.#findings.error('unreadable', location, message);
  }

  event(event: RecordedEvent): void {
    this.#order(event);
    this.#payload(event);
    this.#metadata(event);
    if (!this.#ids.add(event.id)) this.repeatedIds.add(event.id);
  }

  #order(location: EventLocation): void {
    const { position, stream, revision } = location;
    this.events += 1;
    if (this.position !== null && position <= this.position) {
      this.#findings.error('order', location, `comes after position ${this.position}`);
    }
    this.position = position;
    const expected = (this.#revisions.get(stream) ?? -1) + 1;
    if (revision !== expected) {
      this.#findings.error('gap', location, `the stream should have revision ${expected} here`);
    }
    this.#revisions.set(stream, revision);
  }

  #payload(event: RecordedEvent): void {
    const { registry, keepUnknownTypes = false } = this.#options;
    try {
      registry.decode(event);
    } catch (error) {
      if (!(error instanceof EventError)) throw error;
      if (!(error instanceof UnknownEventTypeError)) {
        this.#findings.error('schema', event, error.message);
      } else if (keepUnknownTypes) this.#findings.warning('unknown_type', event, error.message);
      else this.#findings.error('unknown_type', event, error.message);
    }
  }

  #metadata(event: RecordedEvent): void {
    if (metadataShape.Check(event.metadata)) {
      this.#time(event);
      return;
    }
    const [, [first]] = metadataShape.Errors(event.metadata);
    const reason = first === undefined ? '' : `: ${first.instancePath || '/'} ${first.message}`;
    this.#findings.error('metadata', event, `metadata does not fit its schema${reason}`);
  }

  /** A time in the future that is not marked also affects every later event: as-of queries use the highest time so far. */
  #time(event: RecordedEvent): void {
    const { occurredAt, recordedAt } = event.metadata;
    if (recordedAt !== undefined) {
      const counts = `it counts as of ${recordedAt}, by the store's clock`;
      this.#findings.warning('future', event, `occurred at ${occurredAt}; ${counts}`);
    } else if (occurredAt > this.#latestTime) {
      this.#findings.warning('future', event, `occurred at ${occurredAt}, which is in the future`);
    }
  }
}

/** Reads the log again if ids seem to repeat, to confirm it and to report where. */
async function reportRepeatedIds(
  store: EventStore,
  suspects: ReadonlySet<string>,
  findings: Findings,
): Promise<void> {
  if (suspects.size === 0) return;
  const seen = new Map<string, RecordedEvent>();
  for await (const event of readEvents(store)) {
    if (event instanceof UnreadableEventError || !suspects.has(event.id)) continue;
    const first = seen.get(event.id);
    if (first === undefined) seen.set(event.id, event);
    else {
      const where = `${first.stream}@${first.revision}`;
      findings.error('repeated_id', event, `has the id ${event.id} of ${where}`);
    }
  }
}
