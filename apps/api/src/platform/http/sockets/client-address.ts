import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

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

/** Returns an IP address without its zone, an IPv4 address in IPv6 as IPv4; null for anything else. */
export function canonicalAddress(address: string): string | null {
  const [withoutZone = ''] = address.split('%');
  const version = isIP(withoutZone);
  if (version !== 6) return version === 0 ? null : withoutZone;
  const groups = groupsOf(withoutZone);
  return isMapped(groups)
    ? dotted(groups)
    : new URL(`http://[${withoutZone}]`).hostname.slice(1, -1);
}

/**
 * Returns the network whose clients count as one: an IPv4 address, or the /64 of an IPv6 address, all of which one client
 * can use. Everything that is not an address counts as one network.
 */
export function addressNetwork(address: string): string {
  const canonical = canonicalAddress(address);
  if (canonical === null) return 'unknown';
  if (isIP(canonical) === 4) return canonical;
  return `${groupsOf(canonical)
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`;
}

/** Whether an IPv6 address contains an IPv4 address. */
function isMapped(groups: readonly number[]): boolean {
  return groups.slice(0, 6).join() === '0,0,0,0,0,65535';
}

/** The eight groups of an IPv6 address. A URL writes an IPv4 address at its end as two groups, too. */
function groupsOf(address: string): number[] {
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = [], tail = []] = canonical
    .split('::')
    .map((part) => (part === '' ? [] : part.split(':').map((group) => parseInt(group, 16))));
  return [...head, ...Array<number>(8 - head.length - tail.length).fill(0), ...tail];
}

/** The IPv4 address in the last two groups of an IPv6 address. */
function dotted(groups: readonly number[]): string {
  return groups
    .slice(6)
    .flatMap((group) => [group >> 8, group & 0xff])
    .join('.');
}
