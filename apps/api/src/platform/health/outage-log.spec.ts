import { beforeEach, describe, expect, it } from '@jest/globals';
import type { StoreHealth } from '#event-store';
import { OutageLog } from './outage-log.ts';

const UP: StoreHealth = {
  state: 'up',
  since: 0,
  reason: null,
  lastGoodReadAt: null,
  lastGoodWriteAt: null,
};
const away = (since: number): StoreHealth => ({
  ...UP,
  state: 'away',
  since,
  reason: 'connection refused',
});
const error = new Error('connection refused');

describe('The log of the outages of a store', () => {
  let now: number;
  let lines: string[];
  let log: OutageLog;

  beforeEach(() => {
    now = 1_000;
    lines = [];
    const logger = {
      error: (line: string) => lines.push(`error ${line}`),
      warn: (line: string) => lines.push(`warn ${line}`),
    };
    log = new OutageLog('event_store', logger, () => now);
  });

  it('has one line when an outage begins and one when it ends, with what was refused', () => {
    for (; now < 16_200; now += 250) {
      log.count('requests', error);
      log.look(away(1_000));
    }
    log.count('handshakes', error);
    expect(lines).toEqual([
      'error The event store does not answer: writes get 503, and reads may be stale: connection refused',
    ]);
    now = 16_200;
    log.look(UP);
    log.look(UP);
    expect(lines.slice(1)).toEqual([
      'warn Events can be read and written again after 15.2 s. Refused: 61 requests, 1 handshakes',
    ]);
  });

  it('has another line when a store that is back cannot be written, and counts from the beginning', () => {
    now = 3_000;
    log.look(away(1_000));
    log.look({ ...UP, state: 'unwritable', since: 2_000, reason: 'it is read-only' });
    now = 6_000;
    log.look(UP);
    expect(lines.slice(1)).toEqual([
      'error Events cannot be written, and writes get 503: it is read-only',
      'warn Events can be read and written again after 5.0 s. Refused: nothing',
    ]);
  });

  it('has no line for a failure of less than a second that nobody noticed', () => {
    now = 1_900;
    log.look(away(1_000));
    log.look(UP);
    expect(lines).toEqual([]);
  });

  it('has one line for what such failures refused, every 10 seconds at most', () => {
    for (; now < 10_000; now += 250) {
      log.count('requests', error);
      log.look(UP);
    }
    expect(lines).toEqual([
      'warn Refused: 1 requests. Events can be read and written again. Error: connection refused',
    ]);
    now = 11_000;
    log.look(UP);
    expect(lines.slice(1)).toEqual([
      'warn Refused: 35 requests. Events can be read and written again. Error: connection refused',
    ]);
  });
});
