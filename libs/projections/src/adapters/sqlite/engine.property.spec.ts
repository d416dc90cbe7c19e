import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InMemoryEventStore } from '../../../../../test/support/in-memory-event-store.ts';
import { sqliteTally } from '../../../../../test/support/sqlite-tally.ts';
import { POISON, tallied, tallyProjection } from '../../../../../test/support/tally-projection.ts';
import { projectionOperations } from '../../projection-operations.ts';
import { ProjectionRunner } from '../../projection-runner.ts';

const AT_ONCE = { baseMs: 0, capMs: 0 };

/** Operations on a projection, in any order. */
type Step =
  | {
      readonly do: 'append';
      readonly stream: string;
      readonly amount: number;
      readonly from: string;
    }
  | { readonly do: 'crash' | 'rebuild' | 'retry' | 'switch' }
  | { readonly do: 'interruptedRebuild'; readonly after: number };

const stream = fc.constantFrom('a', 'b', 'c');
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      stream,
      amount: fc.constantFrom(0, 1, 2, 3, POISON),
      from: stream,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('crash' as const, 'rebuild' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('retry' as const, 'switch' as const) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('interruptedRebuild' as const), after: fc.nat(8) }),
  },
);

describe('With any order of appends, crashes, dead letters and rebuilds', () => {
  it('the live rows equal those of a new rebuild', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const log = new InMemoryEventStore();
        const files = sqliteTally(log.epoch);
        const cured = { now: false };
        const definition = tallyProjection(cured);
        let opened = files;
        let stop = (): Promise<void> => Promise.resolve();
        const revisions = new Map<string, number>();

        const start = (): void => {
          const running = new ProjectionRunner(definition, log, opened.versions.live(), {
            batchSize: 2,
            retry: AT_ONCE,
            standby: AT_ONCE,
            poisonAttempts: 1,
          });
          stop = () => running.stop();
          running.start();
        };
        const crash = async (): Promise<void> => {
          await stop();
          if (opened !== files) {
            opened.versions.close();
            opened.registry.close();
          }
          opened = files.again();
          start();
        };
        const projection = () => projectionOperations(definition, opened.versions);
        const carryOut = async (next: Step): Promise<void> => {
          if (next.do === 'append') {
            const { amount, from } = next;
            const revision = revisions.get(next.stream);
            await log.append(next.stream, revision ?? 'no_stream', [
              tallied(from === next.stream ? { amount } : { amount, from }),
            ]);
            revisions.set(next.stream, (revision ?? -1) + 1);
          } else if (next.do === 'crash') await crash();
          else if (next.do === 'rebuild')
            await projection()
              .rebuild(log)
              .catch(() => undefined);
          else if (next.do === 'retry') await projection().retry(log);
          else if (next.do === 'switch')
            await projection()
              .switchTo(log, 1)
              .catch(() => undefined);
          else if ('after' in next) {
            const abort = new AbortController();
            await projection()
              .rebuild(log, {
                batchSize: 1,
                commitKeys: 1,
                signal: abort.signal,
                onProgress: ({ events }) => {
                  if (events >= next.after) abort.abort();
                },
              })
              .catch(() => undefined);
          }
        };

        try {
          start();
          for (const next of steps) await carryOut(next);
          const head = (await log.head()) ?? '';
          while ((opened.versions.liveFile().checkpoint().position ?? '') < head) {
            await new Promise((resolve) => setImmediate(resolve));
          }
          cured.now = true;
          await projection().retry(log);
          const { differences, shown } = await projection().verify(log, 3);
          expect({ differences, shown }).toEqual({ differences: 0, shown: [] });
        } finally {
          await stop();
          if (opened !== files) {
            opened.versions.close();
            opened.registry.close();
          }
          files.close();
        }
      }),
      { numRuns: 12 },
    );
  }, 60_000);
});
