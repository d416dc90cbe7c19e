import { randomUUID } from 'node:crypto';
import type { NewEvent } from '#event-store';

/** A new stream name. */
export function newStream(): string {
  return `user-${randomUUID()}`;
}

/** A new event to append. */
export function newEvent(overrides: Partial<NewEvent> = {}): NewEvent {
  return {
    id: randomUUID(),
    type: 'UserUpdated',
    schemaVersion: 1,
    data: { friendlyName: 'Ada' },
    metadata: {
      occurredAt: '2025-03-01T12:00:00.123Z',
      correlationId: randomUUID(),
      causationId: randomUUID(),
      actor: 'cli',
      source: '192.0.2.7',
      trace: '4bf92f3577b34da6a3ce929d0e0e4736-01',
    },
    ...overrides,
  };
}

export function newEvents(count: number): NewEvent[] {
  return Array.from({ length: count }, (_, index) => newEvent({ data: { index } }));
}

export function ids(events: readonly { readonly id: string }[]): string[] {
  return events.map(({ id }) => id);
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}
