import { describe, expect, it } from '@jest/globals';
import { EventStoreUnavailableError, InvalidConnectionStringError } from '../../../errors.ts';
import { StoreHealthRecord } from '../../../store-health.ts';
import { parseConnectionString } from './connection-string.ts';
import { DbClient } from './db-client.ts';
import { openEventStoreDbEventStore } from '../index.ts';

/** No server listens on port 9 (discard). */
const NOWHERE = '127.0.0.1:9';

async function errorOfOpening(url: string): Promise<unknown> {
  return openEventStoreDbEventStore({ url, openTimeoutMs: 50 }).catch((error: unknown) => error);
}

function clientOf(url: string): DbClient {
  const settings = parseConnectionString(url);
  return new DbClient({ settings, health: new StoreHealthRecord(), timeoutMs: 50 });
}

describe('opening an EventStoreDB', () => {
  it.each([
    [`esdb://admin:secret@${NOWHERE}?tls=false`, EventStoreUnavailableError],
    [`esdb+discover://admin:secret@${NOWHERE}?tls=false`, EventStoreUnavailableError],
    ['esdb://admin:secret@host:port', InvalidConnectionStringError],
    ['esdb://admin:secret@host?tlsCAFile=/nowhere/ca.pem', InvalidConnectionStringError],
    ['postgres://admin:secret@host', InvalidConnectionStringError],
  ])('reports what is wrong without the password of %s', async (url, expected) => {
    const error = await errorOfOpening(url);
    expect(error).toBeInstanceOf(expected);
    for (let each = error; each instanceof Error; each = each.cause) {
      expect(`${each.message} ${each.stack ?? ''}`).not.toContain('secret');
    }
  });

  it('says why there is no connection', async () => {
    expect(String(await errorOfOpening(`esdb://${NOWHERE}?tls=false`))).toContain('ECONNREFUSED');
  });
});

describe('connections of one process', () => {
  it('beyond the first need credentials, which make the client use plain appends', async () => {
    const first = clientOf(`esdb://${NOWHERE}`);
    expect(() => clientOf(`esdb://${NOWHERE}`)).toThrow('credentials');
    await clientOf(`esdb://me:pw@${NOWHERE}`).dispose();
    await clientOf(`esdb://${NOWHERE}?tls=false`).dispose();
    await first.dispose();
    await clientOf(`esdb://${NOWHERE}`).dispose();
  });
});
