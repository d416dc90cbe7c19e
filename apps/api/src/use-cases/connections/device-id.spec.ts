import { describe, expect, it } from '@jest/globals';
import { toDeviceId } from './device-id.ts';

describe('A device id', () => {
  it('is what the client says, and none where it says nothing', () => {
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

  it('keeps nothing that a store could alter', () => {
    expect(toDeviceId('a\u0000b')).toBe('a\ufffdb');
    expect(toDeviceId(`${'x'.repeat(254)}😀`)).toBe(`${'x'.repeat(254)}\ufffd`);
  });
});
