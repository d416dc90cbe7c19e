import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import type { Registry } from 'prom-client';
import { HealthController } from '../health/health.controller.ts';
import { Readiness } from '../health/readiness.ts';
import { StoreMonitor } from '../health/store-monitor.ts';
import { ErrorFilter } from '../http/errors/error.filter.ts';
import { METRICS } from '../injection-tokens.ts';
import { MetricsController } from '../metrics/metrics.controller.ts';

/** What the management port shows of the service. */
export interface Observed {
  readonly metrics: Registry;
  readonly readiness: Pick<Readiness, 'status'>;
  readonly monitor: Pick<StoreMonitor, 'absorb'>;
}

/** The routes of the management port: health and metrics. */
@Module({})
export class ManagementModule {
  static register({ metrics, readiness, monitor }: Observed): DynamicModule {
    return {
      module: ManagementModule,
      controllers: [HealthController, MetricsController],
      providers: [
        { provide: METRICS, useValue: metrics },
        // Not the instances themselves: Nest would call their lifecycle hooks a second time.
        { provide: Readiness, useValue: { status: () => readiness.status() } },
        {
          provide: StoreMonitor,
          useValue: { absorb: monitor.absorb.bind(monitor) } satisfies Observed['monitor'],
        },
        { provide: APP_FILTER, useClass: ErrorFilter },
      ],
    };
  }
}
