import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { WrongExpectedRevisionError, type EventStore, type NewEvent } from '#event-store';
import type { StoresUnderTest } from '../event-store.contract.ts';
import { collect, ids, newEvents, newStream } from './samples.ts';

const STREAMS = 3;

/** One append of a writer: the stream and the number of events. */
const operation = fc.record({
  stream: fc.nat({ max: STREAMS - 1 }),
  count: fc.integer({ min: 1, max: 4 }),
});

const writers = fc.array(fc.array(operation, { minLength: 1, maxLength: 8 }), {
  minLength: 1,
  maxLength: 5,
});

/** Appends at the end of a stream while others append to it. */
async function appendAtEnd(
  store: EventStore,
  stream: string,
  events: readonly NewEvent[],
): Promise<void> {
  for (;;) {
    const last = (await collect(store.readStream(stream))).at(-1);
    try {
      await store.append(stream, last?.revision ?? 'no_stream', events);
      return;
    } catch (error) {
      if (!(error instanceof WrongExpectedRevisionError)) throw error;
    }
  }
}

export function interleavingContract(subject: StoresUnderTest): void {
  describe('for every interleaving of several writers', () => {
    it('the log contains each acknowledged event once, without gaps, in one order for all stores', async () => {
      const other = await subject.open();
      await fc.assert(
        fc.asyncProperty(writers, async (plans) => {
          const after = await subject.store.head();
          const streams = Array.from({ length: STREAMS }, newStream);
          const acknowledged: NewEvent[][] = [];
          const write = async (store: EventStore, plan: (typeof plans)[number]) => {
            for (const { stream, count } of plan) {
              const events = newEvents(count);
              await appendAtEnd(store, streams[stream]!, events);
              acknowledged.push(events);
            }
          };
          await Promise.all(
            plans.map((plan, index) => write(index % 2 === 0 ? subject.store : other, plan)),
          );

          const all = await collect(other.readAll({ after }));
          const ours = all.filter(({ stream }) => streams.includes(stream));
          expect(ids(ours).sort()).toEqual(ids(acknowledged.flat()).sort());
          for (const stream of streams) {
            const inLog = ours.filter((event) => event.stream === stream);
            expect(inLog.map(({ revision }) => revision)).toEqual([...inLog.keys()]);
            expect(await collect(subject.store.readStream(stream))).toEqual(inLog);
          }
          for (const events of acknowledged) {
            const start = ours.findIndex(({ id }) => id === events[0]!.id);
            expect(ids(ours.slice(start, start + events.length))).toEqual(ids(events));
          }
        }),
        { numRuns: 15 },
      );
      await other.close();
    });
  });
}
