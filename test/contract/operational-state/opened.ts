import type { LeaseStore, OperationalStores } from '#operational-state';

/** What an adapter keeps, leases included. */
export interface AllOperationalStores extends OperationalStores {
  readonly leases: LeaseStore;
}

/** The same operational state as two processes open it. It is empty at first. */
export interface OpenedTwice {
  readonly one: AllOperationalStores;
  readonly other: AllOperationalStores;
  close(): Promise<void>;
}

export type OpenTwice = () => Promise<OpenedTwice>;
