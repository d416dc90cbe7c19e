import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { catchUp } from '#projections';
import { timelineProjection, type ReachabilityChange, type TimelineReadModel } from '#read-model';
import { foldedChanges, type ExpectedChange } from '../../support/folded-changes.ts';
import { InMemoryEventStore } from '../../support/in-memory-event-store.ts';
import { ActionRunner, anyHistory, serviceSidOf } from '../../support/random-history.ts';
import type { OpenReadModel } from './opened.ts';

const SERVICES = [0, 1].map(serviceSidOf);

/** The changes of a Service after a position, read page by page. */
async function changesAfter(
  timeline: TimelineReadModel,
  serviceSid: string,
  after: string | null,
  limit: number,
): Promise<ReachabilityChange[]> {
  const found: ReachabilityChange[] = [];
  for (let position = after; ;) {
    const page = await timeline.changes(serviceSid, position, limit);
    for (const change of page.changes) {
      expect(change.position > (position ?? '') && change.position <= (page.position ?? '')).toBe(
        true,
      );
    }
    found.push(...page.changes);
    if (!page.hasMore) return found;
    ({ position } = page);
  }
}

function asExpected(change: ReachabilityChange): ExpectedChange {
  const { position } = change;
  return change.kind === 'user'
    ? { position, sid: change.sid, answer: change.answer, reachabilityEnabled: null }
    : { position, sid: null, answer: null, reachabilityEnabled: change.reachabilityEnabled };
}

/** What every read model does with the changes of a Service. */
export function changesContract(adapter: string, open: OpenReadModel, numRuns: number): void {
  describe(`Changes in ${adapter}`, () => {
    it('are those that folding the log event by event finds, wherever a reader resumes', async () => {
      const anyCase = fc.record({
        steps: anyHistory(60),
        limit: fc.integer({ min: 1, max: 5 }),
        commitEvents: fc.integer({ min: 1, max: 20 }),
        resumeAt: fc.nat({ max: 80 }),
      });
      await fc.assert(
        fc.asyncProperty(anyCase, async ({ steps, limit, commitEvents, resumeAt }) => {
          const log = new InMemoryEventStore();
          const runner = new ActionRunner(log);
          for (const step of steps) await runner.run(step);
          const opened = await open();
          const { readModel } = opened;
          try {
            const { timeline, timelineVersions } = readModel;
            const options = { batchSize: 5, cacheSize: 3, commitEvents };
            await catchUp(timelineProjection, log, timelineVersions.live(), options);
            const at = log.log[resumeAt % log.log.length]?.position ?? '';
            for (const service of SERVICES) {
              const expected = await foldedChanges(log.log, service);
              const all = await changesAfter(timeline, service, null, limit);
              expect(all.map(asExpected)).toEqual(expected);
              const rest = await changesAfter(timeline, service, at, limit);
              expect(rest.map(asExpected)).toEqual(
                expected.filter(({ position }) => position > at),
              );
            }
          } finally {
            await opened.close();
          }
        }),
        { numRuns },
      );
    });

    it('name the User, the cause and the end of what is known', async () => {
      const log = new InMemoryEventStore();
      const opened = await open();
      const { readModel } = opened;
      expect(await readModel.timeline.changes(serviceSidOf(0), null, 10)).toEqual({
        changes: [],
        position: null,
        hasMore: false,
        generation: 0,
      });
      const runner = new ActionRunner(log);
      const at = '2026-03-04T05:00:00.000Z';
      const actions = [
        { do: 'createService', service: 0 },
        { do: 'enable', service: 0 },
        { do: 'open', user: 0, connection: 0, from: null, vouched: true },
        { do: 'close', user: 0, connection: 0 },
      ] as const;
      for (const action of actions) await runner.run({ action, at, commandId: action.do });
      await catchUp(timelineProjection, log, readModel.timelineVersions.live());
      const page = await readModel.timeline.changes(serviceSidOf(0), null, 10);
      expect(page.position).toBe(await log.head());
      expect(page.changes.map(({ kind, cause }) => [kind, cause.type, cause.closeCause])).toEqual([
        ['service', 'ReachabilityEnabled', null],
        ['user', 'UserCreated', null],
        ['user', 'ConnectionOpened', null],
        ['user', 'ConnectionClosed', 'abrupt'],
      ]);
      expect(page.changes.at(-1)).toMatchObject({ identity: 'user 0', at });
      await opened.close();
    });
  });
}
