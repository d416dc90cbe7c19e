import { mkdirSync, mkdtempSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { EventStoreUnavailableError } from '#event-store';
import { DatabaseUnavailableError } from '#postgres/errors';
import { freePorts } from '../../../test/support/free-ports.ts';
import { startFakeStreams } from '../../../test/support/fake-streams.ts';
import { hasPostgres, startPostgres, type PostgresServer } from '../../../test/support/postgres.ts';
import { readSettings } from '#shared/settings/settings';
import { openStoresOrWait } from './open-stores-or-wait.ts';

describe('An event store that cannot be opened', () => {
  let directory: string;
  let log: string;
  const never = { received: false, first: new Promise<undefined>(() => undefined) };

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'open-stores-'));
    log = join(directory, 'events.db');
    mkdirSync(log);
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const settings = () => readSettings({ DATA_DIR: directory });

  it('ends a first start', async () => {
    const logger = { error: () => undefined, warn: () => undefined, log: () => undefined };
    const opening = openStoresOrWait(settings(), 0, never, logger);
    await expect(opening).rejects.toThrow(EventStoreUnavailableError);
  });

  it('is waited for where a log was restored under the running service', async () => {
    const lines: unknown[] = [];
    const logger = {
      error: (line: unknown) => {
        lines.push(line);
        rmdirSync(log);
      },
      warn: () => undefined,
      log: () => undefined,
    };
    const opened = await openStoresOrWait(settings(), 0, never, logger, true);
    expect(lines).toEqual([expect.stringContaining('unable to open database file')]);
    expect(await opened?.stores.events.head()).toBeNull();
    await opened?.stores.close();
  });
});

describe('An EventStoreDB that does not answer yet', () => {
  let directory: string;
  const never = { received: false, first: new Promise<undefined>(() => undefined) };

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'open-stores-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const settings = (port: number, seconds: number) =>
    readSettings({
      DATA_DIR: directory,
      EVENT_STORE: 'eventstoredb',
      EVENTSTOREDB_URL: `esdb://127.0.0.1:${port}?tls=false`,
      START_TIMEOUT_SECONDS: String(seconds),
    });

  it('is waited for, and the log and the port say so', async () => {
    const [port = 0] = await freePorts(1);
    const lines: unknown[] = [];
    const { promise: waiting, resolve } = Promise.withResolvers<undefined>();
    const logger = {
      error: (line: unknown) => {
        lines.push(line);
        resolve(undefined);
      },
      warn: () => undefined,
      log: (line: unknown) => void lines.push(line),
    };
    const opening = openStoresOrWait(settings(port, 3_600), 0, never, logger);
    await waiting;
    const server = await startFakeStreams(port);
    const opened = await opening;
    expect(opened?.stores.events.health.state).toBe('up');
    expect(lines).toEqual([
      expect.stringMatching(/ECONNREFUSED.*Waiting for the event store$/),
      'The event store answers',
    ]);
    await opened?.stores.close();
    server.stop();
  }, 60_000);

  it('ends the start in the end', async () => {
    const [port = 0] = await freePorts(1);
    const logger = { error: () => undefined, warn: () => undefined, log: () => undefined };
    const opening = openStoresOrWait(settings(port, 0), 0, never, logger);
    await expect(opening).rejects.toThrow(EventStoreUnavailableError);
  }, 60_000);
});

(hasPostgres() ? describe : describe.skip)('A PostgreSQL that does not answer yet', () => {
  let directory: string;
  let server: PostgresServer;
  let url: string;
  const never = { received: false, first: new Promise<undefined>(() => undefined) };

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'open-stores-'));
    server = await startPostgres();
    url = await server.createDatabase();
  }, 60_000);
  beforeEach(() => server.kill());
  afterAll(async () => {
    await server.stop();
    rmSync(directory, { recursive: true });
  });

  const settings = (seconds: number) =>
    readSettings({
      DATA_DIR: directory,
      START_TIMEOUT_SECONDS: String(seconds),
      EVENT_STORE: 'sqlite',
      DATABASE_URL: url,
    });

  it('ends the start in the end', async () => {
    const logger = { error: () => undefined, warn: () => undefined, log: () => undefined };
    const opening = openStoresOrWait(settings(0), 0, never, logger);
    await expect(opening).rejects.toThrow(DatabaseUnavailableError);
  }, 60_000);

  it('is waited for, and the log says so', async () => {
    const lines: unknown[] = [];
    const { promise: waiting, resolve } = Promise.withResolvers<undefined>();
    const logger = {
      error: (line: unknown) => {
        lines.push(line);
        resolve(undefined);
      },
      warn: () => undefined,
      log: (line: unknown) => void lines.push(line),
    };
    const opening = openStoresOrWait(settings(3_600), 0, never, logger);
    await waiting;
    await server.start();
    const opened = await opening;
    expect(await opened?.stores.leases.list()).toEqual([]);
    expect(lines).toEqual([
      expect.stringMatching(/PostgreSQL is not available.*Waiting for the database$/),
      'The database answers',
    ]);
    await opened?.stores.close();
  }, 60_000);
});
