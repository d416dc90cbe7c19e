import { describe, expect, it } from '@jest/globals';
import { InFlight } from './in-flight.ts';

describe('What is under way', () => {
  it('is done at once where there is nothing', async () => {
    await expect(new InFlight().done()).resolves.toBeUndefined();
  });

  it('is done when the last of it has ended, for all who wait', async () => {
    const underWay = new InFlight();
    const order: string[] = [];
    underWay.begin();
    underWay.begin();
    const waits = [underWay.done(), underWay.done()].map((done) =>
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

  it('can begin again', async () => {
    const underWay = new InFlight();
    underWay.begin();
    underWay.end();
    underWay.begin();
    const done = underWay.done();
    underWay.end();
    await expect(done).resolves.toBeUndefined();
  });
});
