import { Global, Module, type DynamicModule } from '@nestjs/common';
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Credentials } from '#shared/composition/credentials';
import type { Stores } from '#shared/composition/stores';
import { Settings } from '#shared/settings/settings';
import { Aggregates } from './aggregates.ts';
import { CurrentRows } from './current-rows.ts';
import { ReadModelProgress } from './read-model-progress.ts';
import { TimelineProgress } from './timeline-progress.ts';
import {
  CLOCK,
  CREDENTIALS,
  EVENT_STORE,
  LEASE_STORE,
  METRICS,
  MONOTONIC,
  STORES,
  TIMELINE_READ_MODEL,
  TTL_STORE,
  USERS_READ_MODEL,
  type Clock,
} from './tokens.ts';

/** What a process is started with. */
export interface ProcessContext {
  readonly settings: Settings;
  readonly credentials: Credentials;
  readonly stores: Stores;
  readonly clock: Clock;
}

/** The stores and what stands directly on them, for every module. */
@Global()
@Module({})
export class InfrastructureModule {
  static register({ settings, credentials, stores, clock }: ProcessContext): DynamicModule {
    const values = [
      { provide: Settings, useValue: settings },
      { provide: CREDENTIALS, useValue: credentials },
      { provide: STORES, useValue: stores },
      { provide: EVENT_STORE, useValue: stores.events },
      { provide: USERS_READ_MODEL, useValue: stores.readModel.users },
      { provide: TIMELINE_READ_MODEL, useValue: stores.readModel.timeline },
      { provide: TTL_STORE, useValue: stores.operations.ttls },
      { provide: LEASE_STORE, useValue: stores.leases },
      { provide: CLOCK, useValue: clock },
      { provide: MONOTONIC, useValue: () => performance.now() },
      { provide: METRICS, useFactory: processMetrics },
    ];
    const providers = [...values, Aggregates, CurrentRows, ReadModelProgress, TimelineProgress];
    return { module: InfrastructureModule, providers, exports: providers };
  }
}

/** Counts of the process itself: memory, CPU, event-loop delay. */
function processMetrics(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}
