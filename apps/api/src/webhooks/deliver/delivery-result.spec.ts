import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { SendResult } from './http-sender.ts';
import { deliveryResultOf } from './delivery-result.ts';

const HOUR = 3_600_000;
const NOW = 1_000_000;
const FIRST = { attempts: 0, giveUpAt: NOW + 24 * HOUR };

const answered = (status: number, retryAfter: string | null = null): SendResult => ({
  kind: 'answered',
  status,
  retryAfter,
});

describe('The result of a delivery', () => {
  it.each([200, 202, 204])('is delivered at %i', (status) => {
    expect(deliveryResultOf(answered(status), FIRST, NOW, 0.5)).toEqual({
      status: 'delivered',
      responseCode: status,
    });
  });

  it.each([301, 307, 400, 401, 403, 404, 410, 422])('is a dead letter at %i', (status) => {
    expect(deliveryResultOf(answered(status), FIRST, NOW, 0.5)).toEqual({
      status: 'dead',
      responseCode: status,
      error: `Answered ${status}`,
      attempted: true,
    });
  });

  it.each([408, 425, 429, 500, 502, 503, 504])('is another attempt at %i', (status) => {
    expect(deliveryResultOf(answered(status), FIRST, NOW, 0.5)).toEqual({
      status: 'failed',
      responseCode: status,
      error: `Answered ${status}`,
      nextAttemptAt: NOW + 500,
    });
  });

  it('is a retry without a response, and final for a forbidden address', () => {
    const failed = deliveryResultOf({ kind: 'failed', error: 'ECONNREFUSED' }, FIRST, NOW, 0.5);
    expect(failed).toMatchObject({ status: 'failed', responseCode: null, error: 'ECONNREFUSED' });
    const forbidden = deliveryResultOf({ kind: 'forbidden', error: 'private' }, FIRST, NOW, 0.5);
    expect(forbidden).toMatchObject({ status: 'dead', error: 'private' });
  });

  it.each([
    ['30', 30_000],
    ['0', 500],
    ['86400', HOUR],
    [new Date(NOW + 60_000).toUTCString(), 60_000],
    ['soon', 500],
  ])('waits as long as Retry-After: %s asks for, but at most an hour', (retryAfter, wait) => {
    expect(deliveryResultOf(answered(503, retryAfter), FIRST, NOW, 0.5)).toMatchObject({
      nextAttemptAt: NOW + wait,
    });
  });

  it('waits a random time below a limit that doubles up to an hour, and is dead after a day', () => {
    const days = fc.integer({ min: 1, max: 24 * HOUR });
    fc.assert(
      fc.property(
        fc.nat(100),
        days,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (attempts, left, random) => {
          const outcome = deliveryResultOf(
            answered(500),
            { attempts, giveUpAt: NOW + left },
            NOW,
            random,
          );
          const wait = Math.round(random * Math.min(HOUR, 1_000 * 2 ** attempts));
          expect(outcome).toMatchObject(
            wait >= left ? { status: 'dead' } : { status: 'failed', nextAttemptAt: NOW + wait },
          );
        },
      ),
    );
  });
});
