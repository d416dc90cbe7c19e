import type { DomainEvent } from '#domain';
import { backOff, type EventStore, type RecordedEvent, type RetryPolicy } from '#event-store';
import type { HeldEvent } from './dead-letter.ts';
import { Fold } from './fold-batch.ts';
import type { ProjectionVersions } from './projection-versions.ts';
import type { Projection } from './projection.ts';

const RETRY: RetryPolicy = { attempts: 20, baseMs: 5, capMs: 200 };

/** What a retry came to. */
export interface Released {
  readonly folded: number;
  /** What is still set aside. */
  readonly held: number;
}

/**
 * Folds what the live version had set aside, in log order and at the effective times noted then, so that the rows
 * are as a rebuild would have them. What still cannot be folded is set aside again. A running owner of the
 * projection may go on meanwhile.
 */
export async function releaseHeld<State, Event extends DomainEvent>(
  projection: Projection<State, Event>,
  log: EventStore,
  versions: ProjectionVersions<State>,
): Promise<Released> {
  const rows = versions.live();
  for (let attempt = 1; ; attempt += 1) {
    const checkpoint = await rows.checkpoint();
    const held = await versions.held();
    if (held.length === 0) return { folded: 0, held: 0 };
    const { skipped } = await rows.holdings();
    const rules = { onPoison: 'hold', heldKeys: new Set<string>(), skipped } as const;
    const fold = new Fold(projection, (keys) => rows.load(keys), checkpoint, rules);
    await fold.addHeld(
      await read(log, held),
      held.map(({ effectiveAt }) => effectiveAt),
    );
    const { changes, hold } = fold.result;
    const next = { ...checkpoint, generation: checkpoint.generation + 1 };
    if (await rows.commit(checkpoint, next, changes, { hold, releaseAll: true })) {
      return { folded: held.length - hold.length, held: hold.length };
    }
    if (attempt >= RETRY.attempts) throw new Error(`${projection.name} moves too fast to retry`);
    await backOff(RETRY, attempt);
  }
}

/** The events themselves, in the order of `held`; each stream is read once. */
async function read(log: EventStore, held: readonly HeldEvent[]): Promise<RecordedEvent[]> {
  const found = new Map<string, RecordedEvent>();
  const first = new Map<string, number>();
  const last = new Map<string, number>();
  for (const { stream, revision } of held) {
    if (!first.has(stream)) first.set(stream, revision);
    last.set(stream, revision);
  }
  for (const [stream, from] of first) {
    const limit = (last.get(stream) ?? from) - from + 1;
    for await (const event of log.readStream(stream, { from, limit })) {
      found.set(`${stream}@${event.revision}`, event);
    }
  }
  return held.map(({ stream, revision }) => {
    const event = found.get(`${stream}@${revision}`);
    if (event === undefined) throw new Error(`${stream}@${revision} is not in the log`);
    return event;
  });
}
