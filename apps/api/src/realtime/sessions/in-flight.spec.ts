import { describe, expect, it } from '@jest/globals';
import { InFlight } from './in-flight.ts';

describe('InFlight', () => {
  it('is idle at once when nothing is in progress', async () => {
    await expect(new InFlight().idle()).resolves.toBeUndefined();
  });

  it('is idle for all waiters when the last operation has ended', async () => {
    const inFlight = new InFlight();
    const order: string[] = [];
    inFlight.begin();
    inFlight.begin();
    const waits = [inFlight.idle(), inFlight.idle()].map((done) =>
      done.then(() => order.push('done')),
    );
    inFlight.end();
    await Promise.resolve();
    order.push('one left');
    expect(inFlight.count).toBe(1);
    inFlight.end();
    await Promise.all(waits);
    expect(order).toEqual(['one left', 'done', 'done']);
  });

  it('can be used again after it was idle', async () => {
    const inFlight = new InFlight();
    inFlight.begin();
    inFlight.end();
    inFlight.begin();
    const done = inFlight.idle();
    inFlight.end();
    await expect(done).resolves.toBeUndefined();
  });
});
