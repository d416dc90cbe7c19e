import { mkdirSync, mkdtempSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EventStoreUnavailableError } from '#event-store';
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
    const logger = { error: () => undefined, warn: () => undefined };
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
    };
    const opened = await openStoresOrWait(settings(), 0, never, logger, true);
    expect(lines).toEqual([expect.stringContaining('unable to open database file')]);
    expect(await opened?.stores.events.head()).toBeNull();
    await opened?.stores.close();
  });
});
