import { beforeEach, describe, expect, it } from '@jest/globals';
import { NestFactory } from '@nestjs/core';
import { CqrsModule, QueryBus } from '@nestjs/cqrs';
import type { ServiceEvent } from '#domain';
import { Aggregates } from '#shared/use-cases/aggregates';
import { createService } from '#shared/use-cases/services';
import { systemContext } from '#shared/use-cases/system-context';
import { InMemoryEventStore } from '../../../../../test/support/in-memory-event-store.ts';
import { GetServiceStateHandler } from '../../use-cases/services/get-service-state.ts';
import { ServiceGraces } from './service-graces.ts';

const SERVICE = `IS${'1'.repeat(32)}`;

const graceChanged = (graceSeconds: number): ServiceEvent => ({
  type: 'ServiceUpdated',
  data: { serviceSid: SERVICE, changes: { graceSeconds } },
});

describe('Grace periods of Services', () => {
  let graces: ServiceGraces;

  beforeEach(async () => {
    const aggregates = new Aggregates(new InMemoryEventStore(), () => new Date(0));
    const context = systemContext('test');
    await createService(aggregates, { friendlyName: 'Support', serviceSid: SERVICE, context });
    const app = await NestFactory.createApplicationContext(
      {
        module: GetServiceStateHandler,
        imports: [CqrsModule.forRoot()],
        providers: [GetServiceStateHandler, { provide: Aggregates, useValue: aggregates }],
      },
      { logger: false },
    );
    await app.init();
    graces = new ServiceGraces(app.get(QueryBus));
  });

  it('are loaded for the first session and follow the log', async () => {
    const grace = await graces.retain(SERVICE);
    expect(grace.graceMs).toBe(5_000);
    expect(graces.apply(graceChanged(30))).toBe(true);
    expect(grace.graceMs).toBe(30_000);
  });

  it('keep an event that comes while the older state is loaded', async () => {
    const loading = graces.retain(SERVICE);
    graces.apply(graceChanged(30));
    expect((await loading).graceMs).toBe(30_000);
  });

  it('refuse the sessions of a Service that is deleted while it is loaded', async () => {
    const loading = graces.retain(SERVICE);
    graces.apply({ type: 'ServiceDeleted', data: { serviceSid: SERVICE } });
    await expect(loading).rejects.toMatchObject({ code: 'SERVICE.NOT_FOUND' });
  });
});
