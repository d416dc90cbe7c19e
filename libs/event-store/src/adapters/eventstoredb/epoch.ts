import { randomBytes, randomUUID } from 'node:crypto';
import { InvalidEventError } from '#domain';
import { LogClientError, type LogClient, type RawExpectedRevision } from './log-client.ts';

/** This stream is outside the log: it is neither read with it nor exported. Each event has an epoch; the last counts. */
const STREAM = 'reachability-store';
const CREATED = 'StoreCreated';
const RENEWED = 'EpochRenewed';
const PATTERN = /^[0-9a-f]{8}$/;

/** The epoch of a log, and those that it had before, oldest first. */
export interface Epochs {
  readonly epoch: string;
  readonly formerEpochs: readonly string[];
}

/**
 * Returns the store's epochs, and creates the first if there is none. If several processes create one at the same time,
 * the first wins and all of them read it.
 *
 * @throws LogClientError, InvalidEventError
 */
export async function readOrCreateEpochs(client: LogClient): Promise<Epochs> {
  const existing = await readEpochs(client);
  if (existing !== null) return existing;
  await appendUnlessFirst(client, 'no_stream', CREATED);
  return readOrCreateEpochs(client);
}

/**
 * Gives the store a new epoch if it still has the epoch `former`.
 *
 * @throws LogClientError, InvalidEventError
 */
export async function renewEpoch(client: LogClient, former: string): Promise<void> {
  const { epoch, formerEpochs } = await readOrCreateEpochs(client);
  if (epoch !== former) return;
  await appendUnlessFirst(client, BigInt(formerEpochs.length), RENEWED);
}

/** Appends a new epoch at an expected revision. Does nothing if another process was first. */
async function appendUnlessFirst(
  client: LogClient,
  expected: RawExpectedRevision,
  type: string,
): Promise<void> {
  const epoch = randomBytes(4).toString('hex');
  const event = { id: randomUUID(), type, data: { epoch }, metadata: {} };
  try {
    await client.append(STREAM, expected, [event]);
  } catch (error) {
    if (!(error instanceof LogClientError) || error.failure !== 'wrong_revision') throw error;
  }
}

/** Returns the epochs; null before the first one. */
export async function readEpochs(client: LogClient): Promise<Epochs | null> {
  const epochs: string[] = [];
  const range = { from: 'start', direction: 'forwards', limit: Number.MAX_SAFE_INTEGER } as const;
  try {
    for await (const { data } of client.readStream(STREAM, range)) epochs.push(epochOf(data));
  } catch (error) {
    if (!(error instanceof LogClientError) || error.failure !== 'stream_not_found') throw error;
  }
  const epoch = epochs.pop();
  return epoch === undefined ? null : { epoch, formerEpochs: epochs };
}

function epochOf(data: unknown): string {
  if (typeof data === 'object' && data !== null && 'epoch' in data) {
    const { epoch } = data;
    if (typeof epoch === 'string' && PATTERN.test(epoch)) return epoch;
  }
  throw new InvalidEventError(`An event of ${STREAM} has no epoch`);
}
