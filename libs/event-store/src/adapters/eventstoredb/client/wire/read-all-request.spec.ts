import { describe, expect, it } from '@jest/globals';
import { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import { encodeReadAllRequest } from './read-all-request.ts';

const MOST = 2n ** 64n - 1n;

describe('a request for the whole log', () => {
  it.each([
    ['its start', 'start', { start: {}, position: undefined }],
    [
      'a position',
      { commit: 2n ** 40n, prepare: MOST },
      {
        start: undefined,
        position: { commitPosition: String(2n ** 40n), preparePosition: String(MOST) },
      },
    ],
  ] as const)('from %s is what the client library asks for', (_, from, all) => {
    const { options } = ReadReq.deserializeBinary(encodeReadAllRequest(from)).toObject();
    expect(options).toEqual({
      stream: undefined,
      all: { ...all, end: undefined },
      readDirection: ReadReq.Options.ReadDirection.FORWARDS,
      resolveLinks: false,
      count: String(Number.MAX_SAFE_INTEGER),
      subscription: undefined,
      filter: undefined,
      noFilter: {},
      uuidOption: { structured: undefined, string: {} },
      controlOption: undefined,
    });
  });
});
