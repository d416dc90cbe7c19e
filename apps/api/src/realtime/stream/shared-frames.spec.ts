import { describe, expect, it } from '@jest/globals';
import { SharedFrames } from './shared-frames.ts';

const FACTS = {
  sid: `US${'a'.repeat(32)}`,
  identity: 'an identity that does not matter',
  isOnline: false,
  isNotifiable: false,
  version: `${'e'.repeat(16)}:${'9'.repeat(20)}`,
};

describe('SharedFrames', () => {
  it('encodes a change once for all watchers, in less than 200 bytes', () => {
    const frames = new SharedFrames();
    const frame = frames.changed(FACTS);
    expect(frame.length).toBeLessThan(200);
    expect(frames.changed(FACTS)).toBe(frame);
    expect(frames.changed({ ...FACTS, isOnline: true })).not.toBe(frame);
  });
});
