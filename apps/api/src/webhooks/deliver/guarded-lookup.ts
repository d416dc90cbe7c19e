import { lookup, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import type { AddressFilter } from './address-filter.ts';

type Resolve = (
  hostname: string,
  options: { readonly all: true },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * Name resolution for a socket that is about to be opened. Every address of the name must be allowed, and the
 * socket goes to the very addresses that were looked at: a name that answers differently a moment later leads
 * nowhere else.
 */
export function guardedLookup(filter: AddressFilter, resolve: Resolve = lookup): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { all: true }, (error, addresses) => {
      if (error !== null) {
        callback(error, []);
        return;
      }
      try {
        for (const { address } of addresses) filter.assertAllowed(address);
      } catch (refusal) {
        callback(refusal instanceof Error ? refusal : new Error(String(refusal)), []);
        return;
      }
      const [first] = addresses;
      if (options.all === true || first === undefined) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}
