/** What one incarnation of a node shows of itself while it lives. */
export interface Lease {
  readonly nodeId: string;
  readonly incarnation: number;
  /** Another number at each renewal: what shows that the node lives. */
  readonly counter: number;
  /**
   * ISO 8601 by the clock of the node. Nobody measures with it, clocks differ: it says when a node that is lost was
   * last there. Left out by programs that did not show it yet.
   */
  readonly renewedAt?: string;
}

/**
 * Where nodes show each other that they live. It measures no time: a lease that does not change for long
 * enough, by the clock of whoever watches, is lost. Renewing one must not wait for anything that a stopped process
 * could hold on to, so it has no place in a database file that several processes write.
 */
export interface LeaseStore {
  /** Shows a lease, in place of the one before of the same node. To be called by its holder alone. */
  renew(lease: Lease): Promise<void>;
  /** Every lease shown, in no order. */
  list(): Promise<Lease[]>;
  /** Takes a lease away, unless the node shows one of another incarnation by now. */
  remove(lease: Pick<Lease, 'nodeId' | 'incarnation'>): Promise<void>;
}
