import { Compile } from 'typebox/compile';
import { EventError, UnknownEventTypeError } from '#domain';
import type { RecordedEvent } from '../envelope.ts';
import { UnreadableEventError, type EventPlace } from '../errors.ts';
import type { EventStore } from '../event-store.ts';
import { shareOfLog, type Position } from '../position.ts';
import { Metadata } from './file-format.ts';
import { Findings, type Finding } from './findings.ts';
import { IdCensus } from './id-census.ts';
import type { EventCheck } from './import.ts';
import type { ReadLogOptions } from './stats.ts';

export interface VerifyOptions extends ReadLogOptions {
  readonly registry: EventCheck;
  /** Events of types that this program does not know are warnings; errors by default. */
  readonly keepUnknownTypes?: boolean;
  /** Findings to describe; all are counted. 100 by default. */
  readonly limit?: number;
  readonly clock?: () => Date;
}

export interface Verification {
  readonly events: number;
  readonly streams: number;
  readonly head: Position | null;
  /** Findings that mean damage. */
  readonly errors: number;
  readonly warnings: number;
  /** The first of them, in log order. */
  readonly findings: readonly Finding[];
}

const REPORT_EVERY = 1_000;
/** How far ahead of this machine's clock an event may be dated, in milliseconds, before that is worth a word. */
const TOLERANCE_MS = 60 * 60 * 1_000;
const metadataShape = Compile(Metadata);

/**
 * Reads the whole log, up to its end at the start of the call, and checks order, revisions, types, payloads, ids
 * and times. Memory grows with the number of streams, and by some 16 bytes for each event.
 *
 * @throws EventStoreError where the log cannot be read at all
 */
export async function verifyLog(store: EventStore, options: VerifyOptions): Promise<Verification> {
  const { signal, onProgress, limit = 100 } = options;
  const head = await store.head();
  const findings = new Findings(limit);
  const check = new LogCheck(findings, options);
  for await (const found of everything(store)) {
    if (found instanceof UnreadableEventError) check.unreadable(found);
    else check.event(found);
    if (check.events % REPORT_EVERY !== 0) continue;
    signal?.throwIfAborted();
    onProgress?.(check.events, shareOfLog(check.position, head));
  }
  await reportRepeatedIds(store, check.repeatedIds, findings);
  return { events: check.events, streams: check.streams, head, ...findings.summary() };
}

/** The log, with what is wrong in place of what is no event. */
async function* everything(
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
      after = error.place.position;
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
  readonly #ids = new IdCensus();

  constructor(findings: Findings, options: VerifyOptions) {
    this.#findings = findings;
    this.#options = options;
    const now = options.clock?.() ?? new Date();
    this.#latestTime = new Date(now.getTime() + TOLERANCE_MS).toISOString();
  }

  get streams(): number {
    return this.#revisions.size;
  }

  unreadable({ place, message }: UnreadableEventError): void {
    this.#place(place);
    this.#findings.error('unreadable', place, message);
  }

  event(event: RecordedEvent): void {
    this.#place(event);
    this.#payload(event);
    this.#metadata(event);
    if (!this.#ids.add(event.id)) this.repeatedIds.add(event.id);
  }

  #place(place: EventPlace): void {
    const { position, stream, revision } = place;
    this.events += 1;
    if (this.position !== null && position <= this.position) {
      this.#findings.error('order', place, `stands after position ${this.position}`);
    }
    this.position = position;
    const expected = (this.#revisions.get(stream) ?? -1) + 1;
    if (revision !== expected) {
      this.#findings.error('gap', place, `revision ${expected} of the stream should stand here`);
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
    const [first] = metadataShape.Errors(event.metadata);
    const what = first === undefined ? '' : `: ${first.instancePath || '/'} ${first.message}`;
    this.#findings.error('metadata', event, `metadata does not fit its schema${what}`);
  }

  /** A time in the future counts for every later event too: as-of questions use the highest so far. */
  #time(event: RecordedEvent): void {
    const { occurredAt } = event.metadata;
    if (occurredAt > this.#latestTime) {
      this.#findings.warning('future', event, `occurred at ${occurredAt}, which is yet to come`);
    }
  }
}

/** Reads the log once more where ids seem to repeat, to say where and to be sure of it. */
async function reportRepeatedIds(
  store: EventStore,
  suspects: ReadonlySet<string>,
  findings: Findings,
): Promise<void> {
  if (suspects.size === 0) return;
  const seen = new Map<string, RecordedEvent>();
  for await (const event of everything(store)) {
    if (event instanceof UnreadableEventError || !suspects.has(event.id)) continue;
    const first = seen.get(event.id);
    if (first === undefined) seen.set(event.id, event);
    else {
      const where = `${first.stream}@${first.revision}`;
      findings.error('repeated_id', event, `has the id ${event.id} of ${where}`);
    }
  }
}
