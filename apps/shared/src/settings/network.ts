import { isIP } from 'node:net';

/** Returns whether a text is an IP network in CIDR notation, such as 10.0.0.0/8. */
export function isNetwork(text: string): boolean {
  const [address = '', prefix = '', ...rest] = text.split('/');
  const longest = { 4: 32, 6: 128 }[isIP(address)];
  return (
    longest !== undefined &&
    rest.length === 0 &&
    /^\d{1,3}$/.test(prefix) &&
    Number(prefix) <= longest
  );
}
