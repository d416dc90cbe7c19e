import fc from 'fast-check';
import { encode, text, upgrade } from './raw-socket.ts';

/** Tokens and names that wrongs are made of. */
export interface Ingredients {
  /** Of a User of the Service that is watched. */
  readonly token: (identity: string) => string;
  readonly refusedTokens: readonly string[];
  readonly tokenOfNoService: string;
  readonly tokenOfOtherService: string;
  readonly userOfOtherService: string;
  readonly bindingOfOther: string;
}

/** One thing to do wrong, and what is to come of it. */
export interface Wrong {
  readonly name: string;
  readonly head: string | Buffer;
  readonly frames: readonly Buffer[];
  readonly status?: number;
  readonly errors?: readonly (string | number)[];
  readonly closeCodes: readonly (number | null)[];
  /** Errors after which the client ends the conversation by itself. */
  readonly enough?: number;
}

const BAD_FRAME = { errors: ['bad_frame'], closeCodes: [4400] };

/** Everything that a client can do wrong before and after it is let in. */
export function wrongs(given: Ingredients): fc.Arbitrary<Wrong> {
  const identity = fc.nat({ max: 199 }).map((index) => `mallory-${index}`);
  const head = identity.map((name) => upgrade(`/stream?token=${given.token(name)}`));
  const said = (
    name: string,
    frames: fc.Arbitrary<readonly Buffer[]>,
    rest: Pick<Wrong, 'errors' | 'closeCodes' | 'enough'>,
  ): fc.Arbitrary<Wrong> =>
    fc
      .tuple(head, frames)
      .map(([opening, some]) => ({ name, head: opening, frames: some, ...rest }));
  const one = (bytes: fc.Arbitrary<Buffer>) => bytes.map((frame) => [frame]);
  const refused = (
    name: string,
    frames: fc.Arbitrary<readonly Buffer[]>,
    code: string,
  ): fc.Arbitrary<Wrong> => said(name, frames, { errors: [code], closeCodes: [1000], enough: 1 });
  const opening = (
    name: string,
    heads: fc.Arbitrary<string | Buffer>,
    rest: Pick<Wrong, 'status' | 'closeCodes'>,
  ): fc.Arbitrary<Wrong> => heads.map((bytes) => ({ name, head: bytes, frames: [], ...rest }));
  const stream = (token: string) => upgrade(`/stream?token=${encodeURIComponent(token)}`);
  return fc.oneof(
    {
      weight: 4,
      arbitrary: said(
        'text that is no JSON',
        one(fc.string().map((some) => text(`{${some}`))),
        BAD_FRAME,
      ),
    },
    {
      weight: 4,
      arbitrary: said(
        'JSON that is no frame',
        one(fc.jsonValue().map((value) => text(JSON.stringify([value])))),
        BAD_FRAME,
      ),
    },
    {
      weight: 8,
      arbitrary: said('a frame with a wrong field', one(wrongFields.map(text)), BAD_FRAME),
    },
    {
      weight: 4,
      arbitrary: said(
        'a binary message',
        one(
          fc
            .uint8Array({ maxLength: 200 })
            .map((bytes) => encode({ opcode: 2, payload: Buffer.from(bytes) })),
        ),
        BAD_FRAME,
      ),
    },
    said(
      'a message over 64 KB',
      one(fc.integer({ min: 65_537, max: 80_000 }).map((length) => text('x'.repeat(length)))),
      { closeCodes: [1009] },
    ),
    said(
      'a length beyond all bounds',
      one(
        fc
          .bigInt({ min: 70_000n, max: 2n ** 62n })
          .map((claimedLength) => encode({ payload: Buffer.alloc(9), claimedLength })),
      ),
      { closeCodes: [1009] },
    ),
    said(
      'fragments that are too large together',
      fc.constant([
        encode({ payload: Buffer.alloc(60_000, 'x'), final: false }),
        encode({ payload: Buffer.alloc(60_000, 'x'), opcode: 0 }),
      ]),
      { closeCodes: [1009] },
    ),
    {
      weight: 4,
      arbitrary: said('bytes that are no frame', one(brokenFrames), { closeCodes: [1002] }),
    },
    said(
      'text that is no UTF-8',
      one(
        fc
          .constantFrom([0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80])
          .map((bytes) => encode({ payload: Buffer.from(bytes) })),
      ),
      { closeCodes: [1007] },
    ),
    {
      weight: 3,
      arbitrary: refused(
        'a User of another Service',
        fc.constant([text({ type: 'get', id: 1, user: given.userOfOtherService })]),
        'not_found',
      ),
    },
    refused(
      'a Binding of another User',
      fc.constant([text({ type: 'unbind', id: 1, sid: given.bindingOfOther })]),
      'not_found',
    ),
    refused(
      'a Binding that cannot be',
      one(
        fc
          .string({ minLength: 4, maxLength: 8 })
          .map((type) => text({ type: 'bind', id: 1, binding_type: type, address: 'x' })),
      ),
      'invalid',
    ),
    refused(
      'a token of another Service',
      fc.constant([text({ type: 'token', id: 1, token: given.tokenOfOtherService })]),
      'invalid',
    ),
    {
      weight: 4,
      arbitrary: opening(
        'a token that is refused',
        fc.oneof(fc.constantFrom(...given.refusedTokens), fc.string({ minLength: 1 })).map(stream),
        { status: 101, closeCodes: [4401] },
      ),
    },
    {
      weight: 2,
      arbitrary: opening('a token of no Service', fc.constant(stream(given.tokenOfNoService)), {
        status: 101,
        closeCodes: [4404],
      }),
    },
    {
      weight: 2,
      arbitrary: opening(
        'frames before it is let in',
        fc.string().map((some) => Buffer.concat([Buffer.from(stream('nobody')), text(some)])),
        { status: 101, closeCodes: [4401] },
      ),
    },
    opening(
      'another path',
      fc.constantFrom('/', '/streams', '/stream/x', '/v3').map((path) => upgrade(path)),
      { status: 404, closeCodes: [null] },
    ),
    opening(
      'an upgrade without a key',
      fc.constant(upgrade('/stream', { 'Sec-WebSocket-Key': '' })),
      { status: 400, closeCodes: [null] },
    ),
    opening(
      'an upgrade of another version',
      fc
        .constantFrom('1', '12', '14')
        .map((version) => upgrade('/stream', { 'Sec-WebSocket-Version': version })),
      { status: 400, closeCodes: [null] },
    ),
  );
}

/** Frames of a known type with something in them that cannot be, and frames of no type. */
const wrongFields: fc.Arbitrary<unknown> = fc.oneof(
  fc.record({ type: fc.string().filter((type) => !TYPES.has(type)), users: fc.array(fc.string()) }),
  fc.record({
    type: fc.constantFrom('watch', 'unwatch'),
    users: fc.oneof(notNames(), fc.constant([]), fc.constant('')),
  }),
  fc.record({
    type: fc.constant('watch'),
    users: fc.constant(['ann']),
    id: fc.constantFrom(-1, 0.5, '1', null, []),
  }),
  fc.record({
    type: fc.constant('watch'),
    users: fc.constant(['ann']),
    since: fc.oneof(fc.integer(), fc.constantFrom('', ':', 'a:b', 'a:1:2', null)),
  }),
  fc.record({
    type: fc.constant('watch'),
    users: fc.constant(Array.from({ length: 1_001 }, (_, index) => `u${index}`)),
  }),
  fc.record({
    type: fc.constant('get'),
    user: fc.oneof(fc.integer(), fc.constantFrom('', null, ['ann'])),
  }),
  fc.record({ type: fc.constant('bind'), binding_type: fc.constant('fcm') }),
  fc.record({ type: fc.constant('unbind'), sid: fc.oneof(fc.integer(), fc.constant(null)) }),
  fc.record({ type: fc.constant('token'), token: fc.oneof(fc.integer(), fc.constant(null)) }),
  fc.record({ type: fc.oneof(fc.integer(), fc.constantFrom(null, true, [], {})) }),
);

const TYPES = new Set(['watch', 'unwatch', 'get', 'bind', 'unbind', 'token', 'ping', 'bye']);

function notNames(): fc.Arbitrary<unknown> {
  return fc.array(fc.oneof(fc.integer(), fc.constantFrom(null, {}, '')), {
    minLength: 1,
    maxLength: 5,
  });
}

/** Frames against RFC 6455. */
const brokenFrames: fc.Arbitrary<Buffer> = fc.oneof(
  fc.constant(encode({ payload: Buffer.from('{}'), masked: false })),
  fc
    .integer({ min: 1, max: 7 })
    .map((reserved) => encode({ payload: Buffer.from('{}'), reserved })),
  fc
    .constantFrom(3, 4, 5, 6, 7, 11, 12, 13, 14, 15)
    .map((opcode) => encode({ payload: Buffer.from('{}'), opcode })),
  fc.constant(encode({ payload: Buffer.from('{}'), opcode: 0 })),
  fc.constantFrom(8, 9, 10).map((opcode) => encode({ payload: Buffer.alloc(126), opcode })),
  fc
    .constantFrom(8, 9, 10)
    .map((opcode) => encode({ payload: Buffer.from('x'), opcode, final: false })),
  fc.constantFrom(0, 999, 1004, 1005, 1006, 2_999, 5_000).map((code) => {
    const payload = Buffer.alloc(2);
    payload.writeUInt16BE(code);
    return encode({ payload, opcode: 8 });
  }),
);
