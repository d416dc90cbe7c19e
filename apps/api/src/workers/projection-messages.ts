import type { RunnerStatus } from '#projections';
import type { StoreSettings } from '#shared/composition/stores';

/** What the thread of the projections is started with. */
export interface ProjectionThreadData {
  readonly settings: StoreSettings;
}

/** What the thread says: how a projection stands, at every change of its state and after every commit. */
export interface ProjectionReport {
  readonly projection: string;
  readonly status: RunnerStatus;
}

/** What is said to the thread: to finish the transactions under way, let go of everything and end. */
export type ToProjectionThread = 'stop';
