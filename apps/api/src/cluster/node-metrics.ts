import { Inject, Injectable } from '@nestjs/common';
import { Counter, type Registry } from 'prom-client';
import { METRICS } from '../platform/injection-tokens.ts';

/** Counters of the lease of this node and of nodes that this process found lost. */
@Injectable()
export class NodeMetrics {
  readonly lateRenewals: Counter;
  readonly failedRenewals: Counter;
  readonly fenced: Counter;
  readonly foundLost: Counter;

  constructor(@Inject(METRICS) registry: Registry) {
    const counter = (name: string, help: string): Counter =>
      new Counter({ name: `reachability_node_${name}_total`, help, registers: [registry] });
    this.lateRenewals = counter(
      'late_lease_renewals',
      'Renewals of the lease of this node after it may have expired',
    );
    this.failedRenewals = counter(
      'failed_lease_renewals',
      'Renewals of the lease of this node that failed',
    );
    this.fenced = counter('fenced', 'Times that other nodes declared this node lost');
    this.foundLost = counter('found_lost', 'Nodes that this process declared lost');
  }
}
