import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { StreamIdentifier, UUID } from '@eventstore/db-client/generated/shared_pb.js';
import { ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import {
  FakeEventStoreDb,
  type ReadAtServer,
} from '../../../../../../test/support/fake-eventstoredb.ts';
import { until } from '../../../../../../test/support/until.ts';
import { StoreHealthRecord } from '../../../store-health.ts';
import { parseConnectionString } from './connection-string.ts';
import { DbClient } from './db-client.ts';
import { LogClientError } from '../log-client.ts';

const KILOBYTE = 'x'.repeat(1_024);
/** Longer than a busy machine needs. */
const PATIENCE_MS = 30_000;

function eventAt(place: number): Buffer {
  const recorded = new ReadResp.ReadEvent.RecordedEvent()
    .setId(new UUID().setString('c56a4180-65aa-42ec-a945-5fd21dec0538'))
    .setStreamIdentifier(new StreamIdentifier().setStreamName(Buffer.from('user-1')))
    .setCommitPosition(String(place))
    .setData(Buffer.from(KILOBYTE));
  const answer = new ReadResp().setEvent(new ReadResp.ReadEvent().setEvent(recorded));
  return Buffer.from(answer.serializeBinary());
}

describe('a read ahead', () => {
  let server: FakeEventStoreDb | undefined;
  let client: DbClient | undefined;
  const left = new AbortController();

  const readFrom = async (
    onRead: (call: ReadAtServer) => void,
    signal = left.signal,
    timeoutMs = PATIENCE_MS,
  ) => {
    server = await FakeEventStoreDb.start({ onRead });
    const settings = parseConnectionString(server.url);
    client = new DbClient({ settings, health: new StoreHealthRecord(), timeoutMs });
    await client.connected(PATIENCE_MS);
    return client.readAhead({ from: 'start', signal });
  };

  afterEach(async () => {
    await client?.dispose();
    server?.stop();
  });

  it('returns the events in order, and ends when the server does', async () => {
    const chunks = await readFrom((call) => {
      for (let place = 1; place <= 500; place += 1) call.write(eventAt(place));
      call.end();
    });
    const places: bigint[] = [];
    for await (const events of chunks)
      places.push(...events.map(({ position }) => position.commit));
    expect(places).toEqual(Array.from({ length: 500 }, (_, index) => BigInt(index + 1)));
  });

  it('fails on an answer that cannot be decoded, and is cancelled', async () => {
    const { promise: cancelled, resolve } = Promise.withResolvers<unknown>();
    const chunks = await readFrom((call) => {
      call.on('cancelled', resolve);
      call.write(Buffer.from([0x0a, 0xff]));
    });
    const reading = Array.fromAsync(chunks);
    await expect(reading).rejects.toThrow(LogClientError);
    await cancelled;
  });

  it('returns the events before an error, then throws it as a LogClientError', async () => {
    const { promise: seen, resolve } = Promise.withResolvers<unknown>();
    const chunks = await readFrom((call) => {
      call.write(eventAt(1));
      void seen.then(() => call.emit('error', { code: 14, details: 'Server Is Not Ready' }));
    });
    const iterator = chunks[Symbol.asyncIterator]();
    expect((await iterator.next()).value).toHaveLength(1);
    resolve(null);
    await expect(iterator.next()).rejects.toMatchObject({ failure: 'not_handled' });
  });

  it('is cancelled when the consumer leaves', async () => {
    const { promise: cancelled, resolve } = Promise.withResolvers<unknown>();
    const chunks = await readFrom((call) => {
      call.on('cancelled', resolve);
      call.write(eventAt(1));
    });
    for await (const events of chunks) {
      expect(events).toHaveLength(1);
      break;
    }
    await cancelled;
  });

  it('ends without an error when aborted while it waits', async () => {
    const { promise: cancelled, resolve } = Promise.withResolvers<unknown>();
    const aborted = new AbortController();
    const chunks = await readFrom((call) => {
      call.on('cancelled', resolve);
      aborted.abort();
    }, aborted.signal);
    expect(await Array.fromAsync(chunks)).toEqual([]);
    await cancelled;
  });

  it('makes the server wait while its consumer does not read', async () => {
    const log = 20_000;
    let written = 0;
    const chunks = await readFrom((call) => {
      const write = (): void => {
        while (written < log) {
          written += 1;
          if (!call.write(eventAt(written))) {
            call.once('drain', write);
            return;
          }
        }
        call.end();
      };
      write();
    });
    let read = 0;
    for await (const events of chunks) {
      read += events.length;
      if (read >= log / 2) continue;
      for (let turn = 0; turn < 500; turn += 1) await nextTurn();
      expect(written - read).toBeLessThan(2_000);
    }
    expect(read).toBe(log);
  });

  it('fails when the connection is lost during the read', async () => {
    const chunks = await readFrom((call) => void call.write(eventAt(1)));
    const iterator = chunks[Symbol.asyncIterator]();
    await iterator.next();
    server!.stop();
    await expect(iterator.next()).rejects.toThrow(LogClientError);
  });

  it('fails and is cancelled when the server does not answer in time', async () => {
    const { promise: cancelled, resolve } = Promise.withResolvers<unknown>();
    const onRead = (call: ReadAtServer): void => {
      call.on('cancelled', resolve);
    };
    const chunks = await readFrom(onRead, left.signal, 50);
    await expect(Array.fromAsync(chunks)).rejects.toThrow('No answer in 50 ms');
    await cancelled;
  });

  it('reconnects to a server that has restarted', async () => {
    const answer = (call: ReadAtServer): void => {
      call.write(eventAt(1));
      call.end();
    };
    await Array.fromAsync(await readFrom(answer));
    server!.stop();
    const read = () => Array.fromAsync(client!.readAhead({ from: 'start', signal: left.signal }));
    await expect(read()).rejects.toThrow(LogClientError);
    server = await FakeEventStoreDb.start({ onRead: answer, port: server!.port });
    const chunks = await until('a connection', () => read().catch(() => undefined));
    expect(chunks).toHaveLength(1);
  });

  it('ends when the client is disposed', async () => {
    const chunks = await readFrom((call) => void call.write(eventAt(1)));
    const iterator = chunks[Symbol.asyncIterator]();
    await iterator.next();
    const next = iterator.next();
    await client!.dispose();
    await expect(next).rejects.toThrow(LogClientError);
  });
});
