import { Module } from '@nestjs/common';
import { NodeMetrics } from './node-metrics.ts';
import { FailureDetector } from './failure-detector.ts';
import { LocalNode } from './local-node.ts';

/** Processes that hold sockets: this one, and how others find out when one of them has died. */
@Module({ providers: [LocalNode, FailureDetector, NodeMetrics], exports: [LocalNode] })
export class ClusterModule {}
