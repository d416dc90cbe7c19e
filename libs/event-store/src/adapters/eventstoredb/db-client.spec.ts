import { describe, expect, it } from '@jest/globals';
import { EventStoreUnavailableError } from '../../errors.ts';
import { DbClient } from './db-client.ts';
import { openEventStoreDbEventStore } from './index.ts';

/** No server listens on port 9 (discard). */
const NOWHERE = '127.0.0.1:9';

describe('opening an EventStoreDB', () => {
  it.each([
    `esdb://admin:secret@${NOWHERE}?tls=false`,
    'esdb://admin:secret@host:port',
    'esdb://admin:secret@host?tlsCAFile=/nowhere/ca.pem',
    'postgres://admin:secret@host',
  ])('reports an unreachable server without the password of %s', async (url) => {
    const error: unknown = await openEventStoreDbEventStore({ url }).catch((each: unknown) => each);
    expect(error).toBeInstanceOf(EventStoreUnavailableError);
    for (let each = error; each instanceof Error; each = each.cause) {
      expect(`${each.message} ${each.stack ?? ''}`).not.toContain('secret');
    }
  });
});

describe('connections of one process', () => {
  it('beyond the first need credentials, which make the client use plain appends', async () => {
    const first = new DbClient(`esdb://${NOWHERE}`);
    expect(() => new DbClient(`esdb://${NOWHERE}`)).toThrow('credentials');
    await new DbClient(`esdb://me:pw@${NOWHERE}`).dispose();
    await first.dispose();
    await new DbClient(`esdb://${NOWHERE}`).dispose();
  });
});
