import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { addressNetwork, canonicalAddress, clientAddress } from './client-address.ts';

function requestWith(forwarded?: string): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  Object.defineProperty(request.socket, 'remoteAddress', { value: '10.0.0.9' });
  if (forwarded !== undefined) request.headers['x-forwarded-for'] = forwarded;
  return request;
}

describe('clientAddress', () => {
  it('is the address of the socket when no proxy is trusted, whatever a header says', () => {
    expect(clientAddress(requestWith('1.1.1.1'), 0)).toBe('10.0.0.9');
  });

  it('is what the outermost trusted proxy has seen, not what the client has put before it', () => {
    const request = requestWith('9.9.9.9, 2.2.2.2, 3.3.3.3');
    expect(clientAddress(request, 1)).toBe('3.3.3.3');
    expect(clientAddress(request, 2)).toBe('2.2.2.2');
  });

  it('is the first address when the header has fewer addresses than there are trusted proxies', () => {
    expect(clientAddress(requestWith('2.2.2.2'), 3)).toBe('2.2.2.2');
    expect(clientAddress(requestWith(), 1)).toBe('10.0.0.9');
  });
});

describe('canonicalAddress', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::ffff:c000:207', '192.0.2.7'],
    ['2001:DB8:0::1', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['192.0.2.7:443', null],
    ['localhost', null],
    ['', null],
  ])('of %j is %j', (address, canonical) => {
    expect(canonicalAddress(address)).toBe(canonical);
  });
});

describe('addressNetwork', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::ffff:c000:207', '192.0.2.7'],
    ['2001:db8:1:2::1', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2:ffff:ffff:ffff:ffff', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8:1:2:3:4:192.0.2.7', '2001:db8:1:2::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['', 'unknown'],
    ['localhost', 'unknown'],
    ['x'.repeat(10_000), 'unknown'],
  ])('of %s is %s', (address, network) => {
    expect(addressNetwork(address)).toBe(network);
  });
});
