import { describe, expect, it } from '@jest/globals';
import { fileDescriptorLimit, socketLimit } from './socket-limit.ts';

describe('The default limit of sockets', () => {
  it.each([
    [400, 200],
    [1_024, 512],
    [20_000, 19_488],
  ])('leaves file descriptors for everything else: %i', (descriptors, sockets) => {
    expect(socketLimit(descriptors)).toBe(sockets);
  });

  it('follows from the limit of the process', () => {
    expect(fileDescriptorLimit()).toBeGreaterThan(0);
  });
});
