import { LogRestoredError, type EventLog } from '#event-store';

/** The epochs that a read model knows: the one that it belongs to, and those that its event store had before. */
export interface KnownEpochs {
  readonly epoch: string;
  readonly left: readonly string[];
}

/** What a read model must do to belong to an event store: nothing, or begin anew without the versions that it has. */
export type EpochClaim =
  { readonly action: 'keep' } | { readonly action: 'begin'; readonly epochs: KnownEpochs };

/** The read model belongs to another event store. */
export class ForeignReadModelError extends Error {
  override readonly name = 'ForeignReadModelError';
  readonly code = 'READ_MODEL.FOREIGN';
}

/**
 * Decides by the epochs whether a read model was derived from an event store. It was where they share an epoch: an event
 * store that was restored more than once from one copy has never had the epochs in between.
 *
 * @param known null for an empty read model
 * @param remedy what to do about the read model of another event store, as a sentence
 * @throws LogRestoredError when the event store has an epoch that the read model has left behind
 * @throws ForeignReadModelError when it belongs to another event store
 */
export function claimEpoch(
  known: KnownEpochs | null,
  { epoch, formerEpochs }: Pick<EventLog, 'epoch' | 'formerEpochs'>,
  remedy: string,
): EpochClaim {
  if (known?.epoch === epoch) return { action: 'keep' };
  if (known === null) return { action: 'begin', epochs: { epoch, left: [...formerEpochs] } };
  if (known.left.includes(epoch)) {
    throw new LogRestoredError(
      `The log was restored from an older copy: it has epoch ${epoch}, which was followed by ${known.epoch}`,
    );
  }
  const passed = new Set([...known.left, known.epoch]);
  if (!formerEpochs.some((former) => passed.has(former))) {
    throw new ForeignReadModelError(`The read model belongs to another event store. ${remedy}`);
  }
  return { action: 'begin', epochs: { epoch, left: [...passed.union(new Set(formerEpochs))] } };
}
