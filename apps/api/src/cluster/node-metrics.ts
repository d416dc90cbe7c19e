import { Inject, Injectable } from '@nestjs/common';
import { Counter, type Registry } from 'prom-client';
import { METRICS } from '../platform/injection-tokens.ts';

/** What is counted of nodes: of this one, and of those that it found lost. */
@Injectable()
export class NodeMetrics {
  readonly lateRenewals: Counter;
  readonly failedRenewals: Counter;
  readonly fenced: Counter;
  readonly foundLost: Counter;

  constructor(@Inject(METRICS) registry: Registry) {
    const counter = (what: string, help: string): Counter =>
      new Counter({ name: `reachability_node_${what}_total`, help, registers: [registry] });
    this.lateRenewals = counter(
      'late_lease_renewals',
      'Renewals of the own lease after it may have run out',
    );
    this.failedRenewals = counter('failed_lease_renewals', 'Renewals of the own lease that failed');
    this.fenced = counter('fenced', 'Times that the others had given this node up');
    this.foundLost = counter('found_lost', 'Leases of other nodes that this process found run out');
  }
}
