import { describe, expect, it } from '@jest/globals';
import { Slots } from './service-slots.ts';

function take(slots: Slots, service: string, count: number): void {
  for (let n = 0; n < count; n += 1) slots.take(service);
}

describe('The requests under way', () => {
  it('are few to a Service that is new, and more the better it does', () => {
    const slots = new Slots();
    expect(slots.room('A')).toBe(4);
    take(slots, 'A', 4);
    expect(slots.room('A')).toBe(0);
    for (let n = 0; n < 100; n += 1) {
      slots.give('A', 'quick');
      slots.take('A');
    }
    expect(slots.room('A')).toBe(12);
  });

  it('are one at a time to a Service that keeps failing', () => {
    const slots = new Slots();
    take(slots, 'A', 4);
    for (let n = 0; n < 4; n += 1) slots.give('A', 'failing');
    expect(slots.room('A')).toBe(1);
  });

  it('do not grow with a receiver that is slow', () => {
    const slots = new Slots();
    take(slots, 'A', 4);
    for (let n = 0; n < 4; n += 1) slots.give('A', 'slow');
    expect(slots.room('A')).toBe(4);
  });

  it('leave a place for each Service while half of all are taken', () => {
    const slots = new Slots(16);
    for (const service of ['A', 'B']) take(slots, service, 4);
    expect(slots.room('A')).toBe(0);
    expect(slots.room('C')).toBe(1);
    slots.take('C');
    expect(slots.room('C')).toBe(0);
    expect(slots.busy).toBe(9);
  });
});
