import { Injectable } from '@nestjs/common';
import type { Lease } from '#operational-state';

/** A lease as this process sees it. */
export interface ObservedLease {
  readonly lease: Lease;
  /** Since when the lease has not changed, by the monotonic clock of this process. */
  readonly since: number;
}

/** The leases of all nodes as the failure detector of this process has last seen them. */
@Injectable()
export class ObservedLeases {
  /** By node id. */
  #observed: ReadonlyMap<string, ObservedLease> = new Map();

  find(nodeId: string): ObservedLease | undefined {
    return this.#observed.get(nodeId);
  }

  get all(): readonly ObservedLease[] {
    return [...this.#observed.values()];
  }

  replace(observed: readonly ObservedLease[]): void {
    this.#observed = new Map(observed.map((entry) => [entry.lease.nodeId, entry]));
  }
}
