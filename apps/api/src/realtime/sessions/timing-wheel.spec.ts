import { afterEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { until } from '../../../../../test/support/until.ts';
import { TICK_MS, WheelTimer, TimingWheel } from './timing-wheel.ts';

let now = 0;
let wheel = new TimingWheel(() => now);
afterEach(() => {
  wheel.onApplicationShutdown();
  jest.restoreAllMocks();
});

function begin(at = 0): void {
  now = at;
  wheel = new TimingWheel(() => now);
}

/** Moves the clock in steps of a tick, or larger ones. */
function pass(ms: number, step = TICK_MS): void {
  const until = now + ms;
  while (now < until) {
    now = Math.min(now + step, until);
    wheel.tick();
  }
}

class Alarm extends WheelTimer {
  readonly rang: number[] = [];
  next: number | null = null;

  onTimer(): void {
    this.rang.push(now);
    if (this.next !== null) wheel.schedule(this, this.next);
    this.next = null;
  }
}

describe('TimingWheel', () => {
  it('fires a timer at its time or up to a tick later, however far away it is', () => {
    fc.assert(
      fc.property(
        fc.nat(1_000_000),
        fc.array(fc.nat(300_000), { minLength: 1, maxLength: 50 }),
        fc.integer({ min: 10, max: 900 }),
        (start, delays, step) => {
          begin(start);
          const alarms = delays.map((delay) => {
            const alarm = new Alarm();
            wheel.schedule(alarm, start + delay);
            return { alarm, at: start + delay };
          });
          pass(301_000, step);
          wheel.onApplicationShutdown();
          for (const { alarm, at } of alarms) {
            expect(alarm.rang).toHaveLength(1);
            expect(alarm.rang[0]).toBeGreaterThanOrEqual(at);
            expect(alarm.rang[0]).toBeLessThanOrEqual(at + 2 * TICK_MS + step);
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it('fires a rescheduled timer at its new time only, earlier or later', () => {
    begin();
    const [sooner, later] = [new Alarm(), new Alarm()];
    wheel.schedule(sooner, 5_000);
    wheel.schedule(sooner, 1_000);
    wheel.schedule(later, 1_000);
    wheel.schedule(later, 5_000);
    pass(10_000);
    expect([sooner.rang, later.rang]).toEqual([[1_000], [5_000]]);
  });

  it('does not fire a cancelled timer unless it is scheduled again', () => {
    begin();
    const alarm = new Alarm();
    wheel.schedule(alarm, 1_000);
    wheel.cancel(alarm);
    pass(2_000);
    expect(alarm.rang).toEqual([]);
    wheel.schedule(alarm, 3_000);
    pass(2_000);
    expect(alarm.rang).toEqual([3_000]);
  });

  it('fires a timer again that reschedules itself when it fires', () => {
    begin();
    const alarm = new Alarm();
    alarm.next = 250_000;
    wheel.schedule(alarm, 100);
    pass(300_000);
    expect(alarm.rang).toEqual([100, 250_000]);
  });

  it('fires a timer that is scheduled for the past at the next tick', () => {
    begin(10_000);
    const alarm = new Alarm();
    wheel.schedule(alarm, 0);
    pass(TICK_MS);
    expect(alarm.rang).toHaveLength(1);
  });

  it('fires nothing for a second after the process was stopped, so that received data can be read', () => {
    begin();
    const alarm = new Alarm();
    wheel.schedule(alarm, 5_000);
    pass(1_000);
    now += 60_000;
    wheel.tick();
    pass(900);
    expect(alarm.rang).toEqual([]);
    pass(100);
    expect(alarm.rang).toEqual([62_000]);
  });

  it('pauses no longer when the process is stopped repeatedly', () => {
    begin();
    const alarm = new Alarm();
    wheel.schedule(alarm, 1_000);
    pass(15_000, 1_500);
    expect(alarm.rang).toEqual([3_000]);
  });

  it('lets other work run while thousands of timers are due', async () => {
    begin();
    let spent = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => spent);
    const order: string[] = [];
    const busy = (name: string) =>
      new (class extends WheelTimer {
        onTimer(): void {
          spent += 3;
          order.push(name);
        }
      })();
    const [first, second, third, cancelled, moved] = ['1', '2', '3', 'cancelled', 'moved'].map(
      busy,
    );
    if (!first || !second || !third || !cancelled || !moved) throw new Error('They are not there');
    for (const timed of [first, second, third, cancelled, moved]) wheel.schedule(timed, 100);
    setImmediate(() => order.push('others'));
    pass(TICK_MS);
    wheel.cancel(cancelled);
    wheel.schedule(moved, 60_000);
    await until('the last', () => (order.includes('3') ? true : undefined));
    expect(order).toEqual(['1', '2', 'others', '3']);
    pass(60_000);
    expect(order.at(-1)).toBe('moved');
  });

  it('fires every timer once after a stop of many rounds', async () => {
    begin();
    const alarms = Array.from({ length: 2_000 }, () => new Alarm());
    for (const [index, alarm] of alarms.entries()) wheel.schedule(alarm, index * TICK_MS);
    now += 10_000_000;
    wheel.tick();
    pass(2_000);
    await until('all of them', () =>
      alarms.every(({ rang }) => rang.length > 0) ? true : undefined,
    );
    expect(alarms.every(({ rang }) => rang.length === 1)).toBe(true);
  });
});
