import type { Lease, LeaseStore } from '#operational-state';

/** In-memory lease store for tests. It fails on demand. */
export class InMemoryLeaseStore implements LeaseStore {
  readonly leases = new Map<string, Lease>();
  failure: Error | null = null;

  async renew(lease: Lease): Promise<void> {
    if (this.failure !== null) throw this.failure;
    this.leases.set(lease.nodeId, lease);
    return Promise.resolve();
  }

  async list(): Promise<Lease[]> {
    return Promise.resolve([...this.leases.values()]);
  }

  async remove({ nodeId, incarnation }: Pick<Lease, 'nodeId' | 'incarnation'>): Promise<void> {
    if (this.leases.get(nodeId)?.incarnation === incarnation) this.leases.delete(nodeId);
    return Promise.resolve();
  }
}
