import { describe, expect, it } from '@jest/globals';
import { SharedFrames } from './shared-frames.ts';
import { textFrame } from '../sockets/message-frame.ts';

const FACTS = {
  sid: `US${'a'.repeat(32)}`,
  identity: 'an identity that is of no matter',
  isOnline: false,
  isNotifiable: false,
  version: `${'e'.repeat(16)}:${'9'.repeat(20)}`,
};

describe('A change', () => {
  it('is encoded once for all watchers, in less than 200 bytes', () => {
    const frames = new SharedFrames();
    const frame = frames.changed(FACTS);
    expect(frame.length).toBeLessThan(200);
    expect(frames.changed(FACTS)).toBe(frame);
    expect(frames.changed({ ...FACTS, isOnline: true })).not.toBe(frame);
  });
});

describe('A text message', () => {
  it.each([
    [0, [0x81, 0]],
    [125, [0x81, 125]],
    [126, [0x81, 126, 0, 126]],
    [65_535, [0x81, 126, 0xff, 0xff]],
    [65_536, [0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]],
  ])('of %s bytes has the header that RFC 6455 gives it', (length, header) => {
    const frame = textFrame('x'.repeat(length));
    expect([...frame.subarray(0, header.length)]).toEqual(header);
    expect(frame.subarray(header.length).toString()).toBe('x'.repeat(length));
  });

  it('counts bytes, not characters', () => {
    expect([...textFrame('ü😀').subarray(0, 2)]).toEqual([0x81, 6]);
  });
});
