import { randomBytes, randomUUID } from 'node:crypto';
import { InvalidEventError } from '#domain';
import { LogClientError, type LogClient } from './log-client.ts';

/** This stream is outside the log: it is neither read with it nor exported. */
const STREAM = 'reachability-store';
const TYPE = 'StoreCreated';
const PATTERN = /^[0-9a-f]{8}$/;

/**
 * Returns the store's epoch, and creates it if there is none. If several processes create one at the same time, the
 * first wins and all of them read it.
 *
 * @throws LogClientError, InvalidEventError
 */
export async function readOrCreateEpoch(client: LogClient): Promise<string> {
  const existing = await readEpoch(client);
  if (existing !== null) return existing;
  const epoch = randomBytes(4).toString('hex');
  const event = { id: randomUUID(), type: TYPE, data: { epoch }, metadata: {} };
  try {
    await client.append(STREAM, 'no_stream', [event]);
    return epoch;
  } catch (error) {
    if (!(error instanceof LogClientError) || error.failure !== 'wrong_revision') throw error;
    return readOrCreateEpoch(client);
  }
}

async function readEpoch(client: LogClient): Promise<string | null> {
  try {
    const range = { from: 'start', direction: 'forwards', limit: 1 } as const;
    for await (const { data } of client.readStream(STREAM, range)) {
      if (typeof data === 'object' && data !== null && 'epoch' in data) {
        const { epoch } = data;
        if (typeof epoch === 'string' && PATTERN.test(epoch)) return epoch;
      }
      throw new InvalidEventError(`${STREAM} does not begin with an epoch`);
    }
  } catch (error) {
    if (!(error instanceof LogClientError) || error.failure !== 'stream_not_found') throw error;
  }
  return null;
}
