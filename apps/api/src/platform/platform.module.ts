import { Global, Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_PIPE } from '@nestjs/core';
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Credentials } from '#shared/composition/credentials';
import type { Stores } from '#shared/composition/stores';
import { Settings } from '#shared/settings/settings';
import type { Tracing } from '#shared/tracing/tracing';
import { ApiKeySecrets } from '#shared/use-cases/api-key-secrets';
import { loadEncryptionKey } from '#shared/composition/encryption-key';
import { AccessTokens } from './access-tokens/access-tokens.ts';
import { ApiKeyCredentials } from './api-keys/api-key-credentials.ts';
import { ApiKeyDirectory } from './api-keys/api-key-directory.ts';
import { HealthController } from './health/health.controller.ts';
import { observeStores } from './health/observed-stores.ts';
import { Readiness } from './health/readiness.ts';
import { StoreMetrics } from './health/store-metrics.ts';
import { StoreMonitor } from './health/store-monitor.ts';
import { BasicAuthenticator } from './http/authentication/authentication.ts';
import { ErrorFilter } from './http/errors/error.filter.ts';
import { FailedAuthentications } from './http/authentication/failed-authentications.ts';
import { SocketBudget } from './http/sockets/socket-budget.ts';
import { ParametersPipe } from './http/parameters/parameters.pipe.ts';
import { PublicAddress } from './http/public-address.ts';
import {
  CLOCK,
  CREDENTIALS,
  EVENT_STORE,
  IDEMPOTENCY_STORE,
  LEASE_STORE,
  NODE_SLOTS,
  METRICS,
  MONOTONIC,
  ON_LOG_RESTORED,
  READ_MODEL_HEALTH,
  STORES,
  SUMMARY_READ_MODEL,
  TIMELINE_READ_MODEL,
  TRACING,
  SHARED_CLOCK,
  TTL_STORE,
  USERS_READ_MODEL,
  type Clock,
} from './injection-tokens.ts';
import { HttpMetrics } from './metrics/http-metrics.ts';
import { isManagementPublic } from './management/management-exposure.ts';
import { MetricsController } from './metrics/metrics.controller.ts';
import { ObservedAppends } from './metrics/observed-appends.ts';

/** Everything that a process is started with. */
export interface ProcessContext {
  readonly settings: Settings;
  readonly credentials: Credentials;
  readonly stores: Stores;
  readonly clock: Clock;
  /** Null where tracing is off. */
  readonly tracing: Tracing | null;
  /** Called once when the log turns out to be another one than `stores` opened. */
  readonly onLogRestored: () => void;
}

/** Settings, stores and clocks for every other module, with health, metrics and the basics of HTTP. */
@Global()
@Module({})
export class PlatformModule {
  static register({
    settings,
    credentials,
    stores: opened,
    clock,
    tracing,
    onLogRestored,
  }: ProcessContext): DynamicModule {
    const registry = processMetrics();
    const appends = new ObservedAppends(registry, tracing);
    const { stores, observed, readModelHealth } = observeStores(
      { ...opened, events: appends.of(opened.events) },
      settings,
    );
    const values = [
      { provide: Settings, useValue: settings },
      { provide: CREDENTIALS, useValue: credentials },
      { provide: STORES, useValue: stores },
      { provide: EVENT_STORE, useValue: stores.events },
      { provide: USERS_READ_MODEL, useValue: stores.readModel.users },
      { provide: SUMMARY_READ_MODEL, useValue: stores.readModel.summary },
      { provide: TIMELINE_READ_MODEL, useValue: stores.readModel.timeline },
      { provide: IDEMPOTENCY_STORE, useValue: stores.operations.idempotency },
      { provide: SHARED_CLOCK, useValue: () => stores.operations.now() },
      { provide: TTL_STORE, useValue: stores.operations.ttls },
      {
        provide: ApiKeySecrets,
        useValue: new ApiKeySecrets(stores.operations.apiKeySecrets, () =>
          loadEncryptionKey(settings),
        ),
      },
      { provide: LEASE_STORE, useValue: stores.leases },
      { provide: NODE_SLOTS, useValue: stores.nodeSlots },
      { provide: CLOCK, useValue: clock },
      { provide: MONOTONIC, useValue: () => performance.now() },
      { provide: ON_LOG_RESTORED, useValue: onLogRestored },
      { provide: METRICS, useValue: registry },
      { provide: TRACING, useValue: tracing },
      { provide: READ_MODEL_HEALTH, useValue: readModelHealth },
      { provide: StoreMonitor, useFactory: () => new StoreMonitor(observed) },
    ];
    const shared = [
      ...values,
      ApiKeyDirectory,
      ApiKeyCredentials,
      AccessTokens,
      BasicAuthenticator,
      PublicAddress,
      StoreMetrics,
      Readiness,
      SocketBudget,
    ];
    return {
      module: PlatformModule,
      controllers: [HealthController, ...(isManagementPublic(settings) ? [MetricsController] : [])],
      providers: [
        ...shared,
        FailedAuthentications,
        HttpMetrics,
        { provide: APP_FILTER, useClass: ErrorFilter },
        { provide: APP_PIPE, useClass: ParametersPipe },
      ],
      exports: shared,
    };
  }
}

/** Metrics of the process itself: memory, CPU, event-loop delay. */
function processMetrics(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}
