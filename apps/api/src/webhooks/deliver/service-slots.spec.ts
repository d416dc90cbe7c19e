import { describe, expect, it } from '@jest/globals';
import { ServiceSlots } from './service-slots.ts';

function acquire(slots: ServiceSlots, service: string, count: number): void {
  for (let n = 0; n < count; n += 1) slots.acquire(service);
}

describe('Concurrent webhook requests', () => {
  it('start with a low limit per Service, which grows while its receiver is quick', () => {
    const slots = new ServiceSlots();
    expect(slots.available('A')).toBe(4);
    acquire(slots, 'A', 4);
    expect(slots.available('A')).toBe(0);
    for (let n = 0; n < 100; n += 1) {
      slots.release('A', 'quick');
      slots.acquire('A');
    }
    expect(slots.available('A')).toBe(12);
  });

  it('go one at a time to a Service that keeps failing', () => {
    const slots = new ServiceSlots();
    acquire(slots, 'A', 4);
    for (let n = 0; n < 4; n += 1) slots.release('A', 'failing');
    expect(slots.available('A')).toBe(1);
  });

  it('keep the initial limit for a slow receiver', () => {
    const slots = new ServiceSlots();
    acquire(slots, 'A', 4);
    for (let n = 0; n < 4; n += 1) slots.release('A', 'slow');
    expect(slots.available('A')).toBe(4);
  });

  it('leave one slot for each Service while half of all are taken', () => {
    const slots = new ServiceSlots(16);
    for (const service of ['A', 'B']) acquire(slots, service, 4);
    expect(slots.available('A')).toBe(0);
    expect(slots.available('C')).toBe(1);
    slots.acquire('C');
    expect(slots.available('C')).toBe(0);
    // The limit of all slots is reached after seven more.
    for (const service of ['D', 'E', 'F', 'G', 'H', 'I']) slots.acquire(service);
    expect(slots.available('J')).toBe(1);
    slots.acquire('J');
    expect(slots.available('K')).toBe(0);
  });
});
