import { describe, expect, it } from '@jest/globals';
import { toDeviceId } from './device-id.ts';

describe('A device id', () => {
  it('is the one that the client sends, and null where it sends none', () => {
    expect([toDeviceId('phone'), toDeviceId(''), toDeviceId(null), toDeviceId(undefined)]).toEqual([
      'phone',
      '',
      null,
      null,
    ]);
  });

  it('is cut where it is too long', () => {
    expect(toDeviceId('x'.repeat(300))).toBe('x'.repeat(255));
  });

  it('replaces characters that a store could alter', () => {
    expect(toDeviceId('a\u0000b')).toBe('a\ufffdb');
    expect(toDeviceId(`${'x'.repeat(254)}😀`)).toBe(`${'x'.repeat(254)}\ufffd`);
  });
});
