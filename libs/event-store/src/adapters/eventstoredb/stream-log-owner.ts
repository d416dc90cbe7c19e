import { randomUUID } from 'node:crypto';
import { Type, type Static } from 'typebox';
import { Compile } from 'typebox/schema';
import { InvalidEventError } from '#domain';
import { EventStoreUnavailableError } from '../../errors.ts';
import type { ExpectedRevision } from '../../event-store.ts';
import type { LogOwnerStore, OwnerRecord, StoredOwnerRecord } from '../../log-owner.ts';
import { withTimeout } from './failures.ts';
import { LogClientError, type LogClient } from './log-client.ts';

/** This stream is outside the log, as that of the epochs. Its last event is the record. */
const STREAM = 'reachability-folder';
const TYPE = 'FolderRecorded';
/** Records after which the stream's limit is set again, because the first attempt may be lost. */
const RESEND_LIMIT_EVERY = 64n;

const Data = Type.Object({
  owner: Type.Object({ id: Type.String(), place: Type.String(), description: Type.String() }),
  status: Type.Enum(['held', 'left', 'forgotten']),
  question: Type.Union([Type.String(), Type.Null()]),
});
const schema = Compile(Data);

/** The record of the log's owner as the only event that the server keeps of a stream. */
export class StreamLogOwner implements LogOwnerStore {
  readonly #client: LogClient;
  readonly #timeoutMs: number;

  /** @param timeoutMs milliseconds without an answer after which a read fails; the client has no limit of its own */
  constructor(client: LogClient, timeoutMs: number) {
    this.#client = client;
    this.#timeoutMs = timeoutMs;
  }

  /** @throws LogClientError, InvalidEventError, EventStoreUnavailableError */
  load(): Promise<StoredOwnerRecord> {
    return withTimeout(
      this.#timeoutMs,
      this.#loadLast(),
      () => new EventStoreUnavailableError(`EventStoreDB gave no answer in ${this.#timeoutMs} ms`),
    );
  }

  /** @throws LogClientError */
  async replace(record: OwnerRecord, expected: ExpectedRevision): Promise<number | null> {
    const event = { id: randomUUID(), type: TYPE, data: record, metadata: {} };
    const at = expected === 'no_stream' ? expected : BigInt(expected);
    try {
      const { revision } = await this.#client.append(STREAM, at, [event]);
      if (revision % RESEND_LIMIT_EVERY === 0n) await this.#client.keepLastEventOnly(STREAM);
      return Number(revision);
    } catch (error) {
      if (error instanceof LogClientError && error.failure === 'wrong_revision') return null;
      throw error;
    }
  }

  async #loadLast(): Promise<StoredOwnerRecord> {
    try {
      const range = { from: 'end', direction: 'backwards', limit: 1 } as const;
      for await (const { data, revision } of this.#client.readStream(STREAM, range)) {
        return { record: toRecord(data), revision: Number(revision) };
      }
    } catch (error) {
      if (!(error instanceof LogClientError) || error.failure !== 'stream_not_found') throw error;
    }
    return { record: null, revision: 'no_stream' };
  }
}

function toRecord(data: unknown): Static<typeof Data> {
  if (schema.Check(data)) return data;
  throw new InvalidEventError(`An event of ${STREAM} does not name an owner`);
}
