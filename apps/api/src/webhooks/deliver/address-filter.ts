import { BlockList, isIP } from 'node:net';

/** IPv4 networks that are not on the public internet, from IANA's special-purpose registry. */
const FORBIDDEN_IPV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];
/** The public IPv6 addresses, except those in {@link FORBIDDEN_IPV6}. */
const PUBLIC_IPV6 = '2000::/3';
/** Addresses that carry an IPv4 address (Teredo, 6to4), and those for documentation and benchmarks. */
const FORBIDDEN_IPV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

/** A webhook's URL leads to an address that requests must not go to. */
export class ForbiddenAddressError extends Error {
  override readonly name = 'ForbiddenAddressError';
  readonly code = 'WEBHOOK.FORBIDDEN_ADDRESS';

  constructor(address: string) {
    super(`${address} is not a public address`);
  }
}

/**
 * Decides which addresses webhooks may go to: public ones, and networks that the operator allows. Without it,
 * anyone who may set a Service's URL could reach hosts of the server's own network.
 */
export class AddressFilter {
  readonly #forbidden = listOf([...FORBIDDEN_IPV4, ...FORBIDDEN_IPV6]);
  readonly #public = listOf([PUBLIC_IPV6]);
  readonly #allowed: BlockList;

  /** @param allowed networks such as `10.0.0.0/8` or `::1/128` */
  constructor(allowed: readonly string[] = []) {
    this.#allowed = listOf(allowed);
  }

  /** @throws ForbiddenAddressError */
  assertAllowed(address: string): void {
    const plain = embeddedIpv4(address) ?? address;
    const family = isIP(plain) === 6 ? 'ipv6' : 'ipv4';
    if (isIP(plain) !== 0) {
      if (this.#allowed.check(plain, family)) return;
      const isPublic = family === 'ipv4' || this.#public.check(plain, family);
      if (isPublic && !this.#forbidden.check(plain, family)) return;
    }
    throw new ForbiddenAddressError(address);
  }
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix = ''] = network.split('/');
    list.addSubnet(address, Number(prefix), isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}

/** The IPv4 address inside an IPv4-mapped IPv6 address in any notation; null for other addresses. */
function embeddedIpv4(address: string): string | null {
  if (isIP(address) !== 6) return null;
  const canonical = new URL(`http://[${address.replace(/%.*$/, '')}]`).hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical) ?? [];
  if (high === undefined || low === undefined) return null;
  const bytes = [high, low].flatMap((part) => {
    const word = Number.parseInt(part, 16);
    return [word >> 8, word & 0xff];
  });
  return bytes.join('.');
}
