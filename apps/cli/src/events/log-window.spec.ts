import { describe, expect, it } from '@jest/globals';
import { CapturedIo } from '../../../../test/support/captured-io.ts';
import { InMemoryEventStore } from '../../../../test/support/in-memory-event-store.ts';
import type { LogBound } from '../arguments/parsers.ts';
import { readEvents, readWindow, type LogWindow } from './log-window.ts';

const at = (minute: number): string => `2026-03-04T05:0${minute}:00.000Z`;
const time = (minute: number): LogBound => ({ kind: 'time', time: at(minute) });

/** Returns a log whose events have these times, in minutes. */
async function logOf(...minutes: readonly number[]): Promise<InMemoryEventStore> {
  const store = new InMemoryEventStore();
  for (const [index, minute] of minutes.entries()) {
    const metadata = { occurredAt: at(minute), correlationId: 'c', causationId: 'c', actor: 'cli' };
    const event = { id: `event-${index}`, type: 'T', schemaVersion: 1, data: {}, metadata };
    await store.append(`stream-${index % 2}`, index < 2 ? 'no_stream' : (index >> 1) - 1, [event]);
  }
  return store;
}

async function idsOf(store: InMemoryEventStore, window: LogWindow): Promise<string[]> {
  const found = await Array.fromAsync(readWindow(new CapturedIo(), store, window));
  return found.map(({ recorded }) => recorded.id);
}

describe('readWindow', () => {
  it('includes both ends, given as times or as positions', async () => {
    const store = await logOf(1, 2, 3, 4);
    expect(await idsOf(store, { from: time(2), to: time(3) })).toEqual(['event-1', 'event-2']);
    const [, second, third] = store.log.map(
      ({ position }) => ({ kind: 'position', position }) as const,
    );
    if (second === undefined || third === undefined) throw new Error('The log is too short');
    expect(await idsOf(store, { from: second, to: third })).toEqual(['event-1', 'event-2']);
  });

  it('gives an event of a slow clock the effective time of the event before it', async () => {
    const store = await logOf(1, 5, 2, 6);
    expect(await idsOf(store, { from: time(5), to: time(5) })).toEqual(['event-1', 'event-2']);
  });

  it('accepts a position without its leading zeros', async () => {
    const store = await logOf(1, 2, 3);
    const position = store.log[1]?.position.replace(/^0+/, '') ?? '';
    expect(await idsOf(store, { to: { kind: 'position', position } })).toEqual([
      'event-0',
      'event-1',
    ]);
  });

  it('rejects a window that ends before it begins', async () => {
    const store = await logOf(1);
    await expect(idsOf(store, { from: time(3), to: time(2) })).rejects.toThrow(/before --from/);
  });

  it('stops once standard output is closed', async () => {
    const store = await logOf(1, 2, 3);
    const io = new CapturedIo();
    io.closeOutput();
    await expect(Array.fromAsync(readWindow(io, store, {}))).rejects.toThrow(/closed/);
  });
});

describe('readEvents', () => {
  it('reads only the stream that is given where no bound is a time', async () => {
    const store = await logOf(1, 2, 3, 4);
    const io = new CapturedIo();
    const found = await Array.fromAsync(readEvents(io, store, { stream: 'stream-1' }));
    expect(found.map(({ id }) => id)).toEqual(['event-1', 'event-3']);
    expect(store.eventsRead).toBe(2);
  });
});
