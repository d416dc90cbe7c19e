import { crc32 } from 'node:zlib';
import { Type } from 'typebox';
import { Compile } from 'typebox/schema';
import type { Lease } from '../../lease-store.ts';
import { nodeDetails } from '../node-details.ts';

/** Bytes of every record. All have the same length, so that one is written over another in place. */
const RECORD_BYTES = 512;

const validator = Compile(
  Type.Object({
    nodeId: Type.String(),
    incarnation: Type.Integer({ minimum: 1 }),
    counter: Type.Integer({ minimum: 0 }),
    renewedAt: Type.Optional(Type.String()),
    details: Type.Optional(nodeDetails),
    /** Checksum of what decides; older programs, which replace the file instead, leave it out. */
    check: Type.Optional(Type.Integer()),
  }),
);

/**
 * Returns the bytes of a lease: JSON with a checksum, filled up with spaces.
 *
 * @throws RangeError where the lease is too long
 */
export function encodeLease({ nodeId, incarnation, counter, renewedAt, details }: Lease): Buffer {
  const lease = {
    nodeId,
    incarnation,
    counter,
    ...(renewedAt === undefined ? {} : { renewedAt }),
    ...(details === undefined ? {} : { details }),
  };
  const record = Buffer.alloc(RECORD_BYTES, ' ');
  const text = JSON.stringify({ ...lease, check: checksum(lease) });
  if (Buffer.byteLength(text) > RECORD_BYTES)
    throw new RangeError(`Lease of ${nodeId} is too long`);
  record.write(text);
  return record;
}

/**
 * Returns the lease in a record; `torn` while it is being written, and after a power cut.
 *
 * @throws Error where the record is whole and holds something else
 */
export function decodeLease(record: string): Lease | 'torn' {
  let value: unknown;
  try {
    value = JSON.parse(record);
  } catch {
    return 'torn';
  }
  if (!validator.Check(value)) throw new Error('not a lease');
  const { check, ...lease } = value;
  return check === undefined || check === checksum(lease) ? lease : 'torn';
}

/** Leaves out the details, which older programs do not know: they read these records, too. */
function checksum({ nodeId, incarnation, counter, renewedAt }: Lease): number {
  return crc32(JSON.stringify([nodeId, incarnation, counter, renewedAt ?? null]));
}
