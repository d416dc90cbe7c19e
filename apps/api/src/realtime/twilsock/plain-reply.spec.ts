import { describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { encodeFrame, parseFrame } from './frame.ts';
import { isPlainReply } from './plain-reply.ts';

const OK = { code: 200, status: 'OK' };

describe('A plain reply', () => {
  const id = `TM${randomUUID()}`;
  const reply = encodeFrame({
    id,
    method: 'reply',
    payload_type: 'application/json',
    status: OK,
  });

  it("is recognized as Twilio's SDKs write it", () => {
    expect(isPlainReply(reply)).toBe(true);
    expect(parseFrame(reply).header).toMatchObject({ id, method: 'reply' });
  });

  it('is not recognized when it is written in another way, or has another method', () => {
    const type = { payload_type: 'application/json' };
    const others = [
      encodeFrame({ method: 'reply', id, ...type, status: OK }),
      encodeFrame({ id, method: 'close', ...type, status: OK }),
      encodeFrame({ id, method: 'reply', ...type, status: { code: 500, status: 'OK' } }),
      encodeFrame({ id: `TM"${id.slice(3)}`, method: 'reply', ...type, status: OK }),
      encodeFrame({ id, method: 'reply', status: OK }, {}),
    ];
    for (const frame of others) expect(isPlainReply(frame)).toBe(false);
  });

  it('is not recognized when a byte is wrong, missing or added', () => {
    for (let at = 0; at < reply.length; at += 1) {
      const wrong = Buffer.from(reply);
      wrong.writeUInt8(wrong.readUInt8(at) ^ 0x80, at);
      expect(isPlainReply(wrong)).toBe(false);
    }
    expect(isPlainReply(reply.subarray(1))).toBe(false);
    expect(isPlainReply(reply.subarray(0, -1))).toBe(false);
    expect(isPlainReply(Buffer.concat([reply, Buffer.from(' ')]))).toBe(false);
  });
});
