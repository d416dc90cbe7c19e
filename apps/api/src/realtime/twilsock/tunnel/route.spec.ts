import { beforeAll, describe, expect, it } from '@jest/globals';
import { NestFactory } from '@nestjs/core';
import { CqrsModule } from '@nestjs/cqrs';
import fc from 'fast-check';
import { userSid } from '#domain';
import { ManualReadModel } from '../../../../../../test/support/manual-log.ts';
import { InMemoryEventStore } from '../../../../../../test/support/in-memory-event-store.ts';
import { TwilioError } from '#twilio-wire/twilio-error';
import { Settings } from '#shared/settings/settings';
import { Aggregates } from '#shared/use-cases/aggregates';
import { StoreMonitor } from '../../../platform/health/store-monitor.ts';
import { ReadModelProgress } from '#shared/use-cases/read-model-progress';
import { EventIds } from '../subscriptions/event-ids.ts';
import { LookupBudget } from '../../sessions/lookup-budget.ts';
import { WriteBudget } from '../../sessions/write-budget.ts';
import type { TunnelCaller } from './tunnel-caller.ts';
import { ConfigurationResource } from './configuration.resource.ts';
import { MapsResource } from './maps.resource.ts';
import { RegistrationsResource } from './registrations.resource.ts';
import { CLOCK } from '../../../platform/injection-tokens.ts';
import { OwnProfile } from './own-profile.ts';
import { SessionResource } from './session.resource.ts';
import { findHandler, type Resource, type Route } from './route.ts';
import { Tunnel } from './tunnel.ts';
import { SubscriptionsResource } from './subscriptions.resource.ts';
import { toTunnelRequest } from './tunnel-request.ts';
import { UsersResource } from './users.resource.ts';

const SERVICE = `IS${'1'.repeat(32)}`;
const OTHER_SERVICE = `IS${'2'.repeat(32)}`;
const MAP = `MP${'3'.repeat(32)}`;
const session = {
  connectionSid: `CN${'4'.repeat(32)}`,
  userSid: userSid(SERVICE, 'alice'),
  serviceSid: SERVICE,
  identity: 'alice',
  position: '00000000000000000001',
  mayWatch: () => true,
};
const caller: Pick<TunnelCaller, 'session'> = { session };

let routes: readonly Route[];

beforeAll(async () => {
  const store = new InMemoryEventStore();
  const resources = [
    ConfigurationResource,
    UsersResource,
    MapsResource,
    SubscriptionsResource,
    RegistrationsResource,
    SessionResource,
  ];
  const app = await NestFactory.createApplicationContext(
    {
      module: Tunnel,
      imports: [CqrsModule.forRoot()],
      providers: [
        ...resources,
        OwnProfile,
        { provide: EventIds, useValue: new EventIds(store) },
        { provide: StoreMonitor, useValue: new StoreMonitor([]) },
        { provide: CLOCK, useValue: () => new Date(0) },
        { provide: LookupBudget, useValue: new LookupBudget(new Settings(), () => 0) },
        { provide: WriteBudget, useValue: new WriteBudget(new Settings(), () => 0) },
        { provide: Aggregates, useValue: new Aggregates(store, () => new Date(0)) },
        {
          provide: ReadModelProgress,
          useValue: new ReadModelProgress(new ManualReadModel(store)),
        },
      ],
    },
    { logger: false },
  );
  routes = resources.flatMap((resource) => app.get<Resource>(resource).routes);
  await app.close();
});

/** Outcome of a request: the named groups of its path, or the error status. */
function find(method: string, path: string): Readonly<Record<string, string>> | number {
  try {
    return findHandler(routes, toTunnelRequest({ method, path }, undefined), caller).pathParams;
  } catch (error) {
    if (error instanceof TwilioError) return error.status;
    throw error;
  }
}

describe('A tunnelled request', () => {
  it.each([
    ['GET', '/Client/v1/Configuration', {}],
    ['GET', '/Client/v2/Configuration', {}],
    ['GET', `/v1/Services/${SERVICE}/UserConversations`, { service: SERVICE }],
    ['GET', `/v1/Services/${SERVICE}/Users`, { service: SERVICE }],
    ['GET', `/v1/Services/${SERVICE}/Users/alice`, { service: SERVICE, user: 'alice' }],
    ['POST', `/v1/Services/${SERVICE}/Users/a/b`, { service: SERVICE, user: 'a/b' }],
    ['GET', `/v3/Maps/${MAP}`, { map: MAP }],
    ['GET', `/v3/Maps/${MAP}/Items`, { map: MAP }],
    ['POST', '/v4/Subscriptions', {}],
    ['POST', '/v1/registrations', {}],
    ['DELETE', '/v1/registrations', {}],
    ['DELETE', '/v1/registrations/BS1', { id: 'BS1' }],
  ])('%s %s is answered', (method, path, pathParams) => {
    expect(find(method, path)).toEqual(pathParams);
  });

  it.each([
    ['PUT', '/Client/v1/Configuration'],
    ['DELETE', `/v1/Services/${SERVICE}/Users/alice`],
    ['GET', '/v4/Subscriptions'],
    ['GET', '/v1/registrations'],
    ['get', `/v3/Maps/${MAP}`],
    ['constructor', `/v3/Maps/${MAP}`],
    ['__proto__', `/v3/Maps/${MAP}`],
  ])('%s %s has a path but no such method', (method, path) => {
    expect(find(method, path)).toBe(405);
  });

  it.each([
    '',
    '/',
    '*',
    'Client/v1/Configuration',
    '/client/v1/configuration',
    '/Client/v3/Configuration',
    '/Client/v1/Configuration/',
    '//Client/v1/Configuration',
    '/Client//v1/Configuration',
    '/Client/v1/../v1/Configuration',
    '/Client/v1/%43onfiguration',
    '/Client%2fv1/Configuration',
    '/./Client/v1/Configuration',
    '\\Client\\v1\\Configuration',
    '/Client/v1/Configuration\n',
    '/Client/v1/Configuration\u0000',
    'https://chat.twilio.com/Client/v1/Configuration',
    'http://127.0.0.1/v2/Services',
    '/v2/Services',
    `/v2/Services/${SERVICE}/Users`,
    `/v1/Services/${OTHER_SERVICE}/Users/alice`,
    `/v1/Services/${OTHER_SERVICE}/Users`,
    `/v1/Services/${SERVICE}%2f..%2f${OTHER_SERVICE}/Users/alice`,
    `/v1/Services/../Services/${SERVICE}/Users/alice`,
    `/v1/Services/${SERVICE.toLowerCase()}/Users/alice`,
    '/v1/Services//Users/alice',
    `/v1/Services/${SERVICE}/Users/`,
    '/v3/Maps/',
    `/v3/Maps/${MAP}/`,
    `/v3/Maps/${MAP}/Permissions`,
    `/v3/Lists/${MAP}`,
    '/v1/registrations/',
    '/v1/registrations/a/b',
    '/metrics',
    '/health/ready',
  ])('for %j is not found', (path) => {
    expect(find('GET', path)).toBe(404);
    expect(find('POST', path)).toBe(404);
    expect(find('DELETE', path)).toBe(404);
  });

  it('never reaches another Service, whatever its path', () => {
    const piece = fc.constantFrom(
      ...['/', '//', '..', '.', '%2e%2e', '%2f', '%00', '\\', '?', '#', 'v1', 'v2', 'Services'],
      ...['Users', 'alice', 'Maps', SERVICE, OTHER_SERVICE, MAP, 'https:', 'Configuration'],
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 14 }),
        fc.constantFrom('GET', 'POST'),
        (all, method) => {
          const found = find(method, all.join(''));
          if (typeof found === 'object') expect(found['service'] ?? SERVICE).toBe(SERVICE);
        },
      ),
    );
  });
});

describe('Parameters of a tunnelled request', () => {
  it('are decoded, and the first value of each is used', () => {
    const params = { Key: 'a%20b', Many: ['%C3%A9', 'x'], 'Na%6De': '50%', None: [] };
    const request = toTunnelRequest({ method: 'GET', path: '/', params }, undefined);
    expect(Object.fromEntries(request.params)).toEqual({
      Key: 'a b',
      Many: 'é',
      Name: '50%',
      None: '',
    });
  });

  it('include the mutation id from its header, in any letter case', () => {
    const headers = { 'X-TWILIO-Mutation-Id': 'm1' };
    expect(toTunnelRequest({ method: 'POST', path: '/', headers }, {}).mutationId).toBe('m1');
    expect(toTunnelRequest({ method: 'POST', path: '/' }, {}).mutationId).toBeNull();
  });
});
