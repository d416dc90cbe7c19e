import type { EventLog } from '#event-store';
import type { LeaseStore, NodeSlots, OperationalState } from '#operational-state';
import type { PoolUsage } from '#postgres';
import type { ReadModel } from '#read-model';
import type { ChangeSignals } from '../use-cases/change-signals.ts';

/** The stores beside a log: what was derived from it, and what processes share besides it. */
export interface DerivedStores {
  readonly readModel: ReadModel;
  readonly operations: OperationalState;
  readonly leases: LeaseStore;
  readonly nodeSlots: NodeSlots;
  /** Null where nothing tells of changes: then files, which are near, are looked at. */
  readonly signals: ChangeSignals | null;
  /** Connections to the database by what they are for; none without a database. */
  readonly pools: ReadonlyMap<string, () => PoolUsage>;
  /** Tidies files at quiet times; call it every `LOOK_EVERY_MS` from a thread that may wait for a file. */
  tidyWhenQuiet(): void;
  close(): Promise<void>;
}

/** Opens the stores beside a log, creating those that do not exist. */
export type OpenDerivedStores = (
  log: Pick<EventLog, 'epoch' | 'formerEpochs'>,
) => Promise<DerivedStores>;
