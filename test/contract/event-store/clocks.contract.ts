import { describe, expect, it } from '@jest/globals';
import type { NewEvent } from '#event-store';
import type { StoresUnderTest } from '../event-store.contract.ts';
import { collect, newEvent, newStream } from './samples.ts';

const DAY_MS = 86_400_000;

export function clocksContract(subject: StoresUnderTest): void {
  describe('clocks', () => {
    it('an event far ahead of the store is marked with the time of the store, in every kind of read', async () => {
      const stream = newStream();
      const ahead = withTime(newEvent(), Date.now() + 3_650 * DAY_MS);
      const from = Date.now() - DAY_MS;
      await subject.store.append(stream, 'no_stream', [ahead, newEvent()]);
      const [marked, unmarked] = await collect(subject.store.readStream(stream));
      expect(marked?.metadata).toEqual({ ...ahead.metadata, recordedAt: expect.any(String) });
      const recordedAt = Date.parse(marked?.metadata.recordedAt ?? '');
      expect(recordedAt).toBeGreaterThan(from);
      expect(recordedAt).toBeLessThan(from + 2 * DAY_MS);
      expect(unmarked?.metadata.recordedAt).toBeUndefined();
      const all = await collect(subject.store.readAll());
      expect(all.filter((event) => event.stream === stream)).toEqual([marked, unmarked]);
      expect(await subscribed(subject, stream)).toEqual([marked, unmarked]);
    });

    it('an event within the bound of a minute is not marked', async () => {
      const stream = newStream();
      await subject.store.append(stream, 'no_stream', [withTime(newEvent(), Date.now() + 30_000)]);
      const [event] = await collect(subject.store.readStream(stream));
      expect(event?.metadata.recordedAt).toBeUndefined();
    });

    it('a mark that an import brings is kept', async () => {
      const stream = newStream();
      const ahead = withTime(newEvent(), Date.now() + 3_650 * DAY_MS);
      const recordedAt = '2025-03-01T12:00:01.000Z';
      const imported = { ...ahead, metadata: { ...ahead.metadata, recordedAt } };
      await subject.store.append(stream, 'no_stream', [imported]);
      const [event] = await collect(subject.store.readStream(stream));
      expect(event?.metadata).toEqual(imported.metadata);
    });
  });
}

function withTime(event: NewEvent, at: number): NewEvent {
  return { ...event, metadata: { ...event.metadata, occurredAt: new Date(at).toISOString() } };
}

async function subscribed({ store }: StoresUnderTest, stream: string) {
  const found = [];
  for await (const message of store.subscribe()) {
    if (message.kind === 'caughtUp') break;
    if (message.kind === 'event' && message.event.stream === stream) found.push(message.event);
  }
  return found;
}
