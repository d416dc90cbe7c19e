import { describe, expect, it } from '@jest/globals';
import { InFlight } from './in-flight.ts';

describe('InFlight', () => {
  it('is done at once when nothing is in progress', async () => {
    await expect(new InFlight().idle()).resolves.toBeUndefined();
  });

  it('is done for all waiters when the last operation has ended', async () => {
    const underWay = new InFlight();
    const order: string[] = [];
    underWay.begin();
    underWay.begin();
    const waits = [underWay.idle(), underWay.idle()].map((done) =>
      done.then(() => order.push('done')),
    );
    underWay.end();
    await Promise.resolve();
    order.push('one left');
    expect(underWay.count).toBe(1);
    underWay.end();
    await Promise.all(waits);
    expect(order).toEqual(['one left', 'done', 'done']);
  });

  it('can be used again after it was done', async () => {
    const underWay = new InFlight();
    underWay.begin();
    underWay.end();
    underWay.begin();
    const done = underWay.idle();
    underWay.end();
    await expect(done).resolves.toBeUndefined();
  });
});
