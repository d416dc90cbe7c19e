import type { IncomingMessage } from 'node:http';

/**
 * Where a client is. Each proxy appends the address that it was called from to X-Forwarded-For, so of a chain of
 * `trustedProxies` the last so many addresses can be believed, and whatever stands before them was made up by the
 * client, or may have been.
 */
export function clientAddress(request: IncomingMessage, trustedProxies: number): string {
  const socketAddress = request.socket.remoteAddress ?? '';
  if (trustedProxies === 0) return socketAddress;
  const header = request.headers['x-forwarded-for'];
  const forwarded = (Array.isArray(header) ? header.join(',') : (header ?? '')).split(',');
  const believed = forwarded.map((address) => address.trim()).filter((address) => address !== '');
  return believed.at(-trustedProxies) ?? believed[0] ?? socketAddress;
}
