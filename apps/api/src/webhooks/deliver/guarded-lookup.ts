import { lookup, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import type { AddressFilter } from './address-filter.ts';

type Resolve = (
  hostname: string,
  options: { readonly all: true },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * Returns a name resolution for sockets that are about to be opened. It fails unless every address of the name is
 * allowed. The socket connects to the addresses that were checked, so a name that resolves differently a moment
 * later (DNS rebinding) gains nothing.
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
