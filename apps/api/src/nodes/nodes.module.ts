import { Module } from '@nestjs/common';
import { NodeMetrics } from './node-metrics.ts';
import { NodeWatch } from './node-watch.ts';
import { OwnIncarnation } from './own-incarnation.ts';

/** Processes that hold sockets: this one, and how others find out when one of them has died. */
@Module({ providers: [OwnIncarnation, NodeWatch, NodeMetrics], exports: [OwnIncarnation] })
export class NodesModule {}
