import type { RunnerStatus } from '#projections';
import type { StoreSettings } from '#shared/composition/stores';

/** What the thread of the projections is started with. */
export interface ProjectionThreadData {
  readonly settings: StoreSettings;
  /** Of the account, which webhooks name. */
  readonly accountSid: string;
}

/** What the thread says. */
export type FromProjectionThread =
  /** At every change of a projection's state, and after every commit. */
  | { readonly kind: 'status'; readonly projection: string; readonly status: RunnerStatus }
  /** Webhooks have been queued. */
  | { readonly kind: 'queued' };

/** What is said to the thread: to finish the transactions under way, let go of everything and end. */
export type ToProjectionThread = 'stop';
