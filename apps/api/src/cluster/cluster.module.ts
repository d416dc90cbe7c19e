import { Module } from '@nestjs/common';
import { FailureDetector } from './failure-detector.ts';
import { LeaselessNodes } from './leaseless-nodes.ts';
import { LocalNode } from './local-node.ts';
import { NodeMetrics } from './node-metrics.ts';
import { OrphanedConnections } from './orphaned-connections.ts';

/** The nodes, which are the processes that hold sockets: this one, and the detection of others that have died. */
@Module({
  providers: [LocalNode, FailureDetector, LeaselessNodes, OrphanedConnections, NodeMetrics],
  exports: [LocalNode],
})
export class ClusterModule {}
