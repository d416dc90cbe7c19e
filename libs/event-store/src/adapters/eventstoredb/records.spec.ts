import { describe, expect, it } from '@jest/globals';
import type { NewEvent } from '../../envelope.ts';
import { UnreadableEventError } from '../../errors.ts';
import { at, rawEvent } from '../../../../../test/support/fake-log-client.ts';
import { isInLog, toRawNewEvent, toRecordedEvent } from './records.ts';

describe('a record', () => {
  it('converts back to the event that was appended', () => {
    const event: NewEvent = {
      id: 'c56a4180-65aa-42ec-a945-5fd21dec0538',
      type: 'UserCreated',
      schemaVersion: 3,
      data: { identity: 'ada' },
      metadata: {
        occurredAt: '2025-03-01T12:00:00.000Z',
        correlationId: 'request-1',
        causationId: 'command-1',
        actor: 'cli',
        source: '192.0.2.7',
      },
    };
    const stored = {
      ...toRawNewEvent(event),
      stream: 'user-1',
      revision: 4n,
      position: at(9),
      created: Date.parse('2025-03-01T12:00:00.000Z'),
    };
    expect(toRecordedEvent(stored)).toEqual({
      ...event,
      stream: 'user-1',
      revision: 4,
      position: '00000000000000000009' + '00000000000000000009',
    });
  });

  it('names correlation and causation ids as the server does', () => {
    const { metadata } = toRawNewEvent(toRecordedEvent(rawEvent(1)));
    expect(metadata).toMatchObject({ $correlationId: 'correlation', $causationId: 'causation' });
  });

  it.each([
    ['JSON that did not parse', { data: '{"friendlyName":' }],
    ['bytes', { data: new Uint8Array([1]) }],
    ['a list', { data: [1] }],
    ['null', { data: null }],
    ['metadata of another program', { metadata: { actor: 'cli' } }],
    ['metadata that did not parse', { metadata: new Uint8Array([123]) }],
    ['no metadata', { metadata: undefined }],
  ])('with %s is not an event, and the error says where it is', (_, overrides) => {
    const raw = rawEvent(7, { ...overrides, revision: 3n });
    expect(() => toRecordedEvent(raw)).toThrow(UnreadableEventError);
    expect(() => toRecordedEvent(raw)).toThrow(/UserUpdated at revision 3 of user-1 .*0{19}7/);
  });

  it.each([
    ['user-US1', true],
    ['service-IS1', true],
    ['node-api-1', true],
    ['snapshot-user-US1', false],
    ['$$user-US1', false],
    ['reachability-store', false],
  ])('of stream %s is in the log: %s', (stream, expected) => {
    expect(isInLog(stream)).toBe(expected);
  });
});
