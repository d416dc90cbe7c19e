import type { IncomingMessage } from 'node:http';

/**
 * Returns the client's IP address, taken from trusted proxies only. Each proxy appends the address that called it to
 * X-Forwarded-For, so only the last `trustedProxies` addresses can be trusted: the client may have made up the rest.
 */
export function clientAddress(request: IncomingMessage, trustedProxies: number): string {
  const socketAddress = request.socket.remoteAddress ?? '';
  if (trustedProxies === 0) return socketAddress;
  const header = request.headers['x-forwarded-for'];
  const forwarded = (Array.isArray(header) ? header.join(',') : (header ?? '')).split(',');
  const trusted = forwarded.map((address) => address.trim()).filter((address) => address !== '');
  return trusted.at(-trustedProxies) ?? trusted[0] ?? socketAddress;
}
