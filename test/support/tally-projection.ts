import { Type } from 'typebox';
import { EventRegistry, type DomainEvent } from '#domain';
import type { NewEvent } from '#event-store';
import type { Projection } from '#projections';

/** Adds `amount` to the tally of the event's stream; with `from`, also the sum of another stream. */
export type Tallied = DomainEvent<'Tallied', { amount: number; from?: string }>;

export interface Tally {
  readonly sum: number;
  /** Revisions of the folded events, in order. */
  readonly revisions: readonly number[];
  readonly effectiveAt: string;
}

/** An amount that makes the fold throw. */
export const POISON = 13;
/** An amount that deletes the tally. */
export const ZERO = 0;

/** The smallest projection that uses every feature of the engine. `cured` makes it fold poison events, too. */
export function tallyProjection(cured = { now: false }): Projection<Tally, Tallied> {
  return {
    name: 'tally',
    registry: new EventRegistry<Tallied>({
      Tallied: Type.Object({ amount: Type.Number(), from: Type.Optional(Type.String()) }),
    }),
    keyOf: ({ stream }) => stream,
    lookups: ({ data }) => (data.from === undefined ? [] : [data.from]),
    evolve: (tally, { event: { data }, revision, effectiveAt }, lookup) => {
      if (data.amount === POISON && !cured.now) throw new Error('thirteen is bad luck');
      if (data.amount === ZERO) return null;
      const taken = data.from === undefined ? 0 : (lookup(data.from)?.sum ?? 0);
      return {
        sum: (tally?.sum ?? 0) + data.amount + taken,
        revisions: [...(tally?.revisions ?? []), revision],
        effectiveAt,
      };
    },
  };
}

let made = 0;

/** An event to append. */
export function tallied(data: Tallied['data'], occurredAt = '2026-03-04T05:06:07.089Z'): NewEvent {
  made += 1;
  const metadata = { occurredAt, correlationId: 'test', causationId: `tally-${made}` };
  return {
    id: `tally-${made}`,
    type: 'Tallied',
    schemaVersion: 1,
    data,
    metadata: { ...metadata, actor: 'cli' },
  };
}
