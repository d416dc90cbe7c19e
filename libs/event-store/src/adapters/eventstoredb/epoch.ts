import { randomBytes, randomUUID } from 'node:crypto';
import { InvalidEventError } from '#domain';
import type { EpochStart } from '../../event-store.ts';
import { NewerLogError } from '../../errors.ts';
import type { Position } from '../../position.ts';
import {
  LogClientError,
  type LogClient,
  type RawEvent,
  type RawExpectedRevision,
} from './log-client.ts';

/** This stream is outside the log: it is neither read with it nor exported. Each event has an epoch; the last counts. */
const STREAM = 'reachability-store';
const CREATED = 'StoreCreated';
const RENEWED = 'EpochRenewed';
/**
 * Format of the log's records, which each epoch names; 1 where it names none. Increase it with every change that an older
 * program would read wrongly, and begin an epoch then. Payloads have versions of their own, with each event.
 */
const FORMAT = 1;
const PATTERN = /^[0-9a-f]{8}$/;

/** The epoch of a log, and those that it had before, oldest first. */
export interface Epochs {
  readonly epoch: string;
  readonly formerEpochs: readonly string[];
  readonly epochStart: EpochStart | null;
}

/**
 * Returns the store's epochs, and creates the first if there is none. If several processes create one at the same time,
 * the first wins and all of them read it.
 *
 * @throws LogClientError, InvalidEventError, NewerLogError
 */
export async function readOrCreateEpochs(client: LogClient): Promise<Epochs> {
  const existing = await readEpochs(client);
  if (existing !== null) return existing;
  await appendUnlessFirst(client, 'no_stream', CREATED, {});
  return readOrCreateEpochs(client);
}

/**
 * Gives the store a new epoch if it still has the epoch `former`.
 *
 * @param position the end of the log
 * @throws LogClientError, InvalidEventError, NewerLogError
 */
export async function renewEpoch(
  client: LogClient,
  former: string,
  position: Position | null,
): Promise<void> {
  const { epoch, formerEpochs } = await readOrCreateEpochs(client);
  if (epoch !== former) return;
  await appendUnlessFirst(client, BigInt(formerEpochs.length), RENEWED, { position });
}

/** Appends a new epoch at an expected revision. Does nothing if another process was first. */
async function appendUnlessFirst(
  client: LogClient,
  expected: RawExpectedRevision,
  type: string,
  start: { readonly position?: Position | null },
): Promise<void> {
  const epoch = randomBytes(4).toString('hex');
  const event = { id: randomUUID(), type, data: { epoch, format: FORMAT, ...start }, metadata: {} };
  try {
    await client.append(STREAM, expected, [event]);
  } catch (error) {
    if (!(error instanceof LogClientError) || error.failure !== 'wrong_revision') throw error;
  }
}

/** Returns the epochs; null before the first one. @throws NewerLogError */
export async function readEpochs(client: LogClient): Promise<Epochs | null> {
  const epochs: string[] = [];
  let epochStart: EpochStart | null = null;
  const range = { from: 'start', direction: 'forwards', limit: Number.MAX_SAFE_INTEGER } as const;
  try {
    for await (const event of client.readStream(STREAM, range)) {
      assertKnownFormat(event.data);
      if (epochs.length > 0) epochStart = startOf(event, epochStart);
      epochs.push(epochOf(event.data));
    }
  } catch (error) {
    if (!(error instanceof LogClientError) || error.failure !== 'stream_not_found') throw error;
  }
  const epoch = epochs.pop();
  return epoch === undefined ? null : { epoch, formerEpochs: epochs, epochStart };
}

/** An epoch starts later than the former one also where the clock of the server went back. */
function startOf({ created, data }: RawEvent, former: EpochStart | null): EpochStart {
  const position = typeof data === 'object' && data !== null && 'position' in data && data.position;
  return {
    time: Math.max(created, (former?.time ?? 0) + 1),
    position: typeof position === 'string' ? position : null,
  };
}

/** @throws NewerLogError */
function assertKnownFormat(data: unknown): void {
  if (typeof data !== 'object' || data === null || !('format' in data)) return;
  const { format } = data;
  if (typeof format !== 'number' || format <= FORMAT) return;
  throw new NewerLogError(
    `The log in EventStoreDB has format ${format}, of a newer program; this one reads ${FORMAT}`,
  );
}

function epochOf(data: unknown): string {
  if (typeof data === 'object' && data !== null && 'epoch' in data) {
    const { epoch } = data;
    if (typeof epoch === 'string' && PATTERN.test(epoch)) return epoch;
  }
  throw new InvalidEventError(`An event of ${STREAM} has no epoch`);
}
