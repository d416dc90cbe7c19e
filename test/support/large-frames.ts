import fc from 'fast-check';
import { encodeFrame } from '../../apps/api/src/realtime/twilsock/frame.ts';

/** Most bytes of a message, and room for what stands around the filler. */
const MAX_FRAME = 65_536 - 1_000;
const MAX_USERS_PER_FRAME = 1_000;
const MAX_IDENTITY = 512;
const UNITS = ['a', '🦊', '\n', '"', '\u0000', 'é'];

/** A message that nearly reaches the limits. */
export interface LargeFrame {
  readonly name: string;
  readonly data: string | Buffer;
}

/** Messages of `/stream`, valid and invalid. */
export const largeStreamFrames: fc.Arbitrary<LargeFrame> = fc.oneof(
  ...['watch', 'unwatch'].map((type) =>
    fc
      .tuple(fc.integer({ min: 1, max: MAX_USERS_PER_FRAME }), fc.constantFrom(...UNITS))
      .map(([count, unit]) =>
        jsonFrame(`${type} ${count} Users of ${unit}`, {
          type,
          id: 1,
          users: namesOf(unit, count),
        }),
      ),
  ),
  fc.constantFrom(...UNITS).chain((unit) =>
    fc.constantFrom(
      jsonFrame(`get a name of ${unit}`, { type: 'get', id: 1, user: filler(unit, MAX_FRAME) }),
      jsonFrame(`unbind a sid of ${unit}`, { type: 'unbind', id: 1, sid: filler(unit, MAX_FRAME) }),
      jsonFrame(`a token of ${unit}`, { type: 'token', id: 1, token: filler(unit, MAX_FRAME) }),
      jsonFrame(`a version of ${unit}`, {
        type: 'watch',
        users: ['ann'],
        since: `${filler(unit, MAX_FRAME)}:1`,
      }),
      jsonFrame(`bind an address of ${unit}`, {
        type: 'bind',
        id: 1,
        binding_type: 'fcm',
        address: filler(unit, MAX_FRAME),
      }),
    ),
  ),
  fc.constantFrom(
    { name: 'levels', data: '['.repeat(MAX_FRAME) },
    { name: 'closed levels', data: '['.repeat(MAX_FRAME / 2) + ']'.repeat(MAX_FRAME / 2) },
    { name: 'values', data: `[${'1,'.repeat(MAX_FRAME / 2)}1]` },
    { name: 'a number', data: `{"type":"watch","id":${'9'.repeat(MAX_FRAME)}}` },
    { name: 'digits of a version', data: `{"type":"watch","since":"a:${'1'.repeat(MAX_FRAME)}"}` },
  ),
);

/** Messages of Twilsock, valid and invalid. */
export const largeTwilsockFrames: fc.Arbitrary<LargeFrame> = fc
  .constantFrom(...UNITS)
  .chain((unit) =>
    fc.constantFrom(
      twilsock('subscriptions', 'POST', '/v4/Subscriptions', {
        action: 'establish',
        correlation_id: 1,
        requests: namesOf('a', 1_500).map((name) => ({ object_sid: name, object_type: 'map' })),
      }),
      twilsock(`a profile of ${unit}`, 'POST', '/v2/Services/x/Users/ann', {
        Attributes: filler(unit, MAX_FRAME),
      }),
      twilsock(
        'names',
        'POST',
        '/v2/Services/x/Users/ann',
        Object.fromEntries(Array.from({ length: 6_000 }, (_, index) => [`k${index}`, 1])),
      ),
      twilsock(`a path of ${unit}`, 'GET', `/v1/${filler(unit, 12_000)}`, {}),
      {
        name: 'levels in a header',
        data: headerOf(
          `{"method":"message","id":"1","a":${'['.repeat(7_000)}${']'.repeat(7_000)}}`,
        ),
      },
      { name: `bytes of ${unit}`, data: Buffer.from(filler(unit, MAX_FRAME)) },
    ),
  );

function twilsock(name: string, method: string, path: string, payload: unknown): LargeFrame {
  const request = { method, path, params: {}, headers: {} };
  const header = { method: 'message', id: 'TM9', active_grant: 'ip_messaging' };
  return { name, data: encodeFrame({ ...header, http_request: request }, payload) };
}

function headerOf(json: string): Buffer {
  return Buffer.from(`TWILSOCK V3.0 ${json.length}\r\n${json}\r\n`);
}

function jsonFrame(name: string, frame: object): LargeFrame {
  return { name, data: JSON.stringify(frame) };
}

/** Names as long as they may be together in one frame. */
function namesOf(unit: string, count: number): string[] {
  const each = Math.min(MAX_FRAME / count - 3, MAX_IDENTITY);
  return Array.from({ length: count }, (_, index) => filler(unit, each - 5) + String(index));
}

/** Text of about `bytes` bytes in JSON. */
function filler(unit: string, bytes: number): string {
  const size = Buffer.byteLength(JSON.stringify(unit)) - 2;
  return unit.repeat(Math.max(0, Math.floor(bytes / size)));
}
