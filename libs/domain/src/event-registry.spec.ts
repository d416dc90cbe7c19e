import { describe, expect, it } from '@jest/globals';
import { Type } from 'typebox';
import type { DomainEvent } from './decider.ts';
import { InvalidEventError, UnknownEventTypeError } from './errors.ts';
import { EventRegistry, type Upcaster } from './event-registry.ts';
import { reachabilityRegistry } from './events.ts';

type Opened = DomainEvent<'AccountOpened', { owner: string; limit: number }>;
type Moved = DomainEvent<'AccountMoved', { city: string | null; country: string }>;

/**
 * `AccountMoved` has changed twice: version 1 had only `place`, "city, country"; version 2 called the parts
 * `town` and `country`; version 3 says `city`.
 */
const registry = new EventRegistry<Opened | Moved>(
  {
    AccountOpened: Type.Object({ owner: Type.String(), limit: Type.Integer({ minimum: 0 }) }),
    AccountMoved: Type.Object({
      city: Type.Union([Type.String(), Type.Null()]),
      country: Type.String(),
    }),
  },
  new Map<string, readonly Upcaster[]>([
    [
      'AccountMoved',
      [
        ({ place, ...rest }) => {
          const [town, country] = String(place).split(', ');
          return { ...rest, town, country };
        },
        ({ town, ...rest }) => ({ ...rest, city: town }),
      ],
    ],
  ]),
);

const opened: Opened = { type: 'AccountOpened', data: { owner: 'alice', limit: 5 } };
const moved: Moved = { type: 'AccountMoved', data: { city: 'Lyon', country: 'France' } };

describe('Encoding an event', () => {
  it('writes version 1 of a type that has never changed', () => {
    expect(registry.encode(opened)).toEqual({ ...opened, schemaVersion: 1 });
  });

  it('writes the current version of a type that has changed', () => {
    expect(registry.encode(moved)).toEqual({ ...moved, schemaVersion: 3 });
  });

  it('refuses a payload that does not fit its schema, and names the field', () => {
    const wrong: Opened = { type: 'AccountOpened', data: { owner: 'alice', limit: -1 } };
    expect(() => registry.encode(wrong)).toThrow(InvalidEventError);
    expect(() => registry.encode(wrong)).toThrow(/AccountOpened .*\/limit/);
  });
});

describe('Decoding an event', () => {
  it('returns the encoded event', () => {
    expect(registry.decode(registry.encode(opened))).toEqual(opened);
    expect(registry.decode(registry.encode(moved))).toEqual(moved);
  });

  it('upcasts version 1 to the current version', () => {
    const data = { place: 'Lyon, France' };
    expect(registry.decode({ type: 'AccountMoved', schemaVersion: 1, data })).toEqual(moved);
  });

  it('applies only the upcasters after the recorded version', () => {
    const data = { town: 'Lyon', country: 'France' };
    expect(registry.decode({ type: 'AccountMoved', schemaVersion: 2, data })).toEqual(moved);
  });

  it('does not change the recorded payload', () => {
    const data = Object.freeze({ place: 'Lyon, France' });
    registry.decode({ type: 'AccountMoved', schemaVersion: 1, data });
    expect(data).toEqual({ place: 'Lyon, France' });
  });

  it('refuses an old payload that does not fit after upcasting', () => {
    const data = { place: 'Lyon' };
    expect(() => registry.decode({ type: 'AccountMoved', schemaVersion: 1, data })).toThrow(
      InvalidEventError,
    );
  });

  it.each([
    ['of the wrong type', { owner: 7, limit: 5 }, 'owner'],
    ['that is missing', { owner: 'alice' }, 'limit'],
  ])('refuses a payload with a field %s and names it', (_, data, field) => {
    const decode = () => registry.decode({ type: 'AccountOpened', schemaVersion: 1, data });
    expect(decode).toThrow(InvalidEventError);
    expect(decode).toThrow(new RegExp(`AccountOpened .*${field}`));
  });

  it.each([4, 0, -1, 1.5, Number.NaN])('refuses version %p', (schemaVersion) => {
    const { data } = moved;
    const decode = () => registry.decode({ type: 'AccountMoved', schemaVersion, data });
    expect(decode).toThrow(InvalidEventError);
    expect(decode).toThrow(`AccountMoved has schema version ${schemaVersion}; this program knows`);
  });

  it.each(['AccountClosed', 'constructor', '__proto__', ''])(
    'refuses the unknown type %j',
    (type) => {
      const decode = () => registry.decode({ type, schemaVersion: 1, data: {} });
      expect(decode).toThrow(UnknownEventTypeError);
    },
  );
});

describe('The registry of the product', () => {
  it('knows every event type that the log may hold', () => {
    expect(reachabilityRegistry.types.sort()).toEqual([
      'ApiKeyCreated',
      'ApiKeyRevoked',
      'ApiKeyRotated',
      'BindingRegistered',
      'BindingRemoved',
      'ConnectionClosed',
      'ConnectionOpened',
      'NodeLost',
      'NodeStarted',
      'NodeStopped',
      'ReachabilityDisabled',
      'ReachabilityEnabled',
      'ServiceCreated',
      'ServiceDeleted',
      'ServiceUpdated',
      'TokensRevoked',
      'UserCreated',
      'UserDeleted',
      'UserUpdated',
    ]);
  });
});
