import { beforeEach, describe, expect, it } from '@jest/globals';
import { NestFactory } from '@nestjs/core';
import { CqrsModule, QueryBus } from '@nestjs/cqrs';
import type { ServiceEvent } from '#domain';
import { Aggregates } from '#shared/use-cases/aggregates';
import { createService } from '#shared/use-cases/services';
import { systemContext } from '#shared/use-cases/system-context';
import { InMemoryEventStore } from '../../../../../test/support/in-memory-event-store.ts';
import { GetServiceStateHandler } from '../../use-cases/services/get-service-state.ts';
import { ServiceRulesCache } from './service-rules.ts';

const SERVICE = `IS${'1'.repeat(32)}`;

type Changes = Extract<ServiceEvent, { type: 'ServiceUpdated' }>['data']['changes'];
const changed = (changes: Changes): ServiceEvent => ({
  type: 'ServiceUpdated',
  data: { serviceSid: SERVICE, changes },
});

describe('Rules of Services', () => {
  let rules: ServiceRulesCache;

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
    rules = new ServiceRulesCache(app.get(QueryBus));
  });

  it('are loaded for the first session and follow the log', async () => {
    const ofService = await rules.retain(SERVICE);
    expect(ofService).toMatchObject({
      graceMs: 5_000,
      watchPolicy: 'all',
      hasSetWatchPolicy: false,
    });
    expect(rules.apply(changed({ graceSeconds: 30 }))).toEqual({ grace: true, watchPolicy: false });
    expect(ofService.graceMs).toBe(30_000);
    expect(rules.apply(changed({ watchPolicy: 'granted' }))).toEqual({
      grace: false,
      watchPolicy: true,
    });
    expect(ofService).toMatchObject({
      graceMs: 30_000,
      watchPolicy: 'granted',
      hasSetWatchPolicy: true,
      policyRevision: 1,
    });
    expect(rules.apply(changed({ friendlyName: 'x' }))).toEqual({
      grace: false,
      watchPolicy: false,
    });
  });

  it('keep an event that comes while the older state is loaded', async () => {
    const loading = rules.retain(SERVICE);
    rules.apply(changed({ graceSeconds: 30, watchPolicy: 'granted' }));
    expect(await loading).toMatchObject({ graceMs: 30_000, watchPolicy: 'granted' });
  });

  it('refuse the sessions of a Service that is deleted while it is loaded', async () => {
    const loading = rules.retain(SERVICE);
    rules.apply({ type: 'ServiceDeleted', data: { serviceSid: SERVICE } });
    await expect(loading).rejects.toMatchObject({ code: 'SERVICE.NOT_FOUND' });
  });
});
