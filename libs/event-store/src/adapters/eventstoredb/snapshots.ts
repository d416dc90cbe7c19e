import { randomUUID } from 'node:crypto';
import type { Snapshot, SnapshotStore } from '../../snapshot-store.ts';
import { LogClientError, type LogClient, type RawEvent } from './log-client.ts';

const TYPE = 'StateSnapshot';

/** Snapshots of a stream after which its limit is set again, because the first attempt may be lost. */
const RESEND_LIMIT_EVERY = 64n;

/** Snapshots in separate streams outside the log. The server keeps only the last event of each. */
export class StreamSnapshots implements SnapshotStore {
  readonly #client: LogClient;
  readonly #epoch: string;

  /** @param epoch snapshots of another one are ignored: the log may have gone back since they were taken */
  constructor(client: LogClient, epoch: string) {
    this.#client = client;
    this.#epoch = epoch;
  }

  async load(stream: string): Promise<Snapshot | null> {
    try {
      const range = { from: 'end', direction: 'backwards', limit: 1 } as const;
      for await (const event of this.#client.readStream(snapshotStream(stream), range)) {
        return toSnapshot(event, this.#epoch);
      }
    } catch (error) {
      if (!(error instanceof LogClientError) || error.failure !== 'stream_not_found') throw error;
    }
    return null;
  }

  async save(stream: string, snapshot: Snapshot): Promise<void> {
    const name = snapshotStream(stream);
    const data = { ...snapshot, epoch: this.#epoch };
    const event = { id: randomUUID(), type: TYPE, data, metadata: {} };
    const { revision } = await this.#client.append(name, 'any', [event]);
    if (revision % RESEND_LIMIT_EVERY === 0n) await this.#client.keepLastEventOnly(name);
  }
}

function snapshotStream(stream: string): string {
  return `snapshot-${stream}`;
}

/** Parses a snapshot of an epoch; null for anything else: snapshots are disposable, and the stream itself is complete. */
function toSnapshot({ data }: RawEvent, ofEpoch: string): Snapshot | null {
  if (typeof data !== 'object' || data === null) return null;
  if (!('epoch' in data) || data.epoch !== ofEpoch) return null;
  if (!('version' in data && 'revision' in data && 'position' in data && 'state' in data)) {
    return null;
  }
  const { version, revision, position, state } = data;
  if (typeof version !== 'number' || typeof revision !== 'number' || typeof position !== 'string') {
    return null;
  }
  return { version, revision, position, state };
}
