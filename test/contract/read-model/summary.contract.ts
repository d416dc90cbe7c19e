import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ReachabilityEvent } from '#domain';
import { foldBatch, START, verify } from '#projections';
import {
  answerFor,
  bucketOf,
  pointsUntil,
  presentCounts,
  RESOLUTIONS,
  startOf,
  summarize,
  summaryProjection,
  usersProjection,
  type ReadModel,
  type Resolution,
  type SummaryCounts,
  type UsersState,
} from '#read-model';
import type { RecordedEvent } from '#event-store';
import { InMemoryEventStore } from '../../support/in-memory-event-store.ts';
import { ActionRunner, anyHistory, serviceSidOf, type Step } from '../../support/random-history.ts';
import {
  bound,
  closed,
  disabled,
  enabled,
  minute,
  node,
  opened,
  recorded,
  serviceCreated,
  serviceDeleted,
  unbound,
  userCreated,
  userDeleted,
} from '../../support/users-history.ts';
import type { OpenedReadModel, OpenReadModel } from './opened.ts';

const SERVICE = `IS${'1'.repeat(32)}`;
const CN = (n: number): string => `CN${String(n).padStart(32, '0')}`;
const BS = (n: number): string => `BS${String(n).padStart(32, '0')}`;
const NOW = '2026-03-04T12:00:00.000Z';

/** Counts over the whole rows of the `users` projection; null where there is no such Service. */
function countRows(
  states: ReadonlyMap<string, UsersState | null>,
  serviceSid: string,
): SummaryCounts | null {
  const service = states.get(`service-${serviceSid}`);
  if (service?.kind !== 'service' || service.deleted) return null;
  const answers = [...states.values()].flatMap((state) =>
    state?.kind === 'user' && state.serviceSid === serviceSid
      ? [answerFor(summarize(state), service)]
      : [],
  );
  const count = (isCounted: (answer: (typeof answers)[number]) => boolean): number =>
    answers.filter(isCounted).length;
  return {
    users: answers.length,
    online: count(({ isOnline }) => isOnline === true),
    offline: count(({ isOnline }) => isOnline === false),
    unknown: count(({ isOnline }) => isOnline === null),
    notifiable: count(({ isNotifiable }) => isNotifiable === true),
    openConnections: answers.reduce((sum, { openConnections }) => sum + openConnections, 0),
  };
}

/** What the `users` projection holds after some events of a log, and the effective time of the last. */
async function usersAfter(events: readonly RecordedEvent[]) {
  const nothing = () => Promise.resolve(new Map<string, UsersState>());
  const { changes, checkpoint } = await foldBatch(usersProjection, nothing, events, START);
  return { states: changes, at: checkpoint.effectiveAt ?? '' };
}

/** The numbers at the end of each bucket of a log, counted over its rows. */
async function countBuckets(
  events: readonly RecordedEvent[],
  resolution: Resolution,
  serviceSid: string,
): Promise<Map<string, SummaryCounts>> {
  const ends = new Map<string, SummaryCounts>();
  for (let n = 1; n <= events.length; n += 1) {
    const { states, at } = await usersAfter(events.slice(0, n));
    const counts = countRows(states, serviceSid);
    if (counts !== null) ends.set(bucketOf(resolution, at), counts);
  }
  return ends;
}

/** What every read model does with summaries. */
export function summaryContract(adapter: string, open: OpenReadModel, runs: number): void {
  describe(`Summaries in ${adapter}`, () => {
    let inUse: OpenedReadModel;
    let model: ReadModel;

    beforeEach(async () => {
      inUse = await open();
      model = inUse.readModel;
    });
    afterEach(() => inUse.close());

    /** Folds further events as one transaction. */
    async function project(events: readonly RecordedEvent[]): Promise<void> {
      const rows = model.summaryVersions.live();
      const from = await rows.checkpoint();
      const fold = await foldBatch(summaryProjection, (keys) => rows.load(keys), events, from);
      expect(await rows.commit(from, fold.checkpoint, fold.changes)).toBe(true);
    }

    async function present(serviceSid = SERVICE): Promise<SummaryCounts | null> {
      const stored = await model.summary.summary(serviceSid, []);
      return stored === null ? null : presentCounts(stored);
    }

    async function points(resolution: Resolution, serviceSid = SERVICE) {
      const stored = await model.summary.summary(serviceSid, [resolution]);
      return stored === null ? [] : pointsUntil(stored, resolution, NOW);
    }

    const history = (...events: readonly ReachabilityEvent[]) => project(recorded(events));
    const counts = (
      online: number,
      offline: number,
      unknown: number,
      notifiable: number,
      openConnections: number,
    ): SummaryCounts => ({
      users: online + offline + unknown,
      online,
      offline,
      unknown,
      notifiable,
      openConnections,
    });

    it.each<[string, ReachabilityEvent[], SummaryCounts]>([
      ['nobody in an empty Service', [], counts(0, 0, 0, 0, 0)],
      ['a new User as unknown', [userCreated()], counts(0, 0, 1, 0, 0)],
      ['a Connection while disabled', [userCreated(), opened(CN(1))], counts(0, 0, 1, 0, 1)],
      [
        'a User with an older Connection as unknown after enablement',
        [userCreated(), opened(CN(1)), bound(BS(1)), enabled()],
        counts(0, 0, 1, 0, 1),
      ],
      [
        'a User that connected after enablement as online and notifiable',
        [userCreated(), bound(BS(1)), enabled(), opened(CN(1)), opened(CN(2))],
        counts(1, 0, 0, 1, 2),
      ],
      [
        'a User whose last Connection closed as offline',
        [userCreated(), enabled(), opened(CN(1)), bound(BS(1)), closed(CN(1), minute(0))],
        counts(0, 1, 0, 1, 0),
      ],
      [
        'nobody after the flag changed twice',
        [userCreated(), bound(BS(1)), enabled(), opened(CN(1)), disabled(), enabled()],
        counts(0, 0, 1, 0, 1),
      ],
      [
        'a User that connects again under the new flag once',
        [userCreated(), enabled(), opened(CN(1)), disabled(), enabled(), opened(CN(2))],
        counts(1, 0, 0, 0, 2),
      ],
      [
        'a removed Binding no longer',
        [userCreated(), enabled(), opened(CN(1)), bound(BS(1)), unbound(BS(1))],
        counts(1, 0, 0, 0, 1),
      ],
      [
        'a deleted User no longer, and one made again as unknown',
        [userCreated(), enabled(), opened(CN(1)), userDeleted(), userCreated()],
        counts(0, 0, 1, 0, 0),
      ],
      [
        'a Connection of a lost incarnation until it is closed, and none that it opens later',
        [
          node('NodeStarted', 1),
          userCreated(),
          enabled(),
          opened(CN(1), { nodeId: 'n', incarnation: 1 }),
          node('NodeLost', 1),
          opened(CN(2), { nodeId: 'n', incarnation: 1 }),
        ],
        counts(1, 0, 0, 0, 1),
      ],
    ])('count %s', async (_, events, expected) => {
      await history(serviceCreated(), ...events);
      expect(await present()).toEqual(expected);
    });

    it('of a Service that does not exist or was deleted are null', async () => {
      expect(await present()).toBeNull();
      await history(serviceCreated(), userCreated(), serviceDeleted());
      expect(await present()).toBeNull();
    });

    it('tell the end of each minute with a change, and begin with the first one', async () => {
      await history(
        serviceCreated(),
        userCreated(),
        enabled(),
        opened(CN(1)),
        userCreated('bob'),
        closed(CN(1), minute(5)),
        disabled(),
      );
      const time = (n: number): string => startOf(bucketOf('minute', minute(n)));
      expect(await points('minute')).toEqual([
        { time: time(0), ...counts(0, 0, 0, 0, 0) },
        { time: time(1), ...counts(0, 0, 1, 0, 0) },
        { time: time(3), ...counts(1, 0, 0, 0, 1) },
        { time: time(4), ...counts(1, 0, 1, 0, 1) },
        { time: time(5), ...counts(0, 1, 1, 0, 0) },
        { time: time(6), ...counts(0, 0, 2, 0, 0) },
      ]);
      expect(await points('hour')).toEqual([
        { time: startOf(bucketOf('hour', minute(0))), ...counts(0, 0, 2, 0, 0) },
      ]);
    });

    it('keep minutes for a day and hours for 90 days, whatever the commits', async () => {
      const days = (n: number): string => new Date(Date.UTC(2026, 0, 1 + n, 6)).toISOString();
      const events = recorded([
        serviceCreated(),
        enabled(),
        ...Array.from({ length: 120 }, (_, n) => userCreated(`user ${n}`)),
      ]).map((event, n) => ({
        ...event,
        metadata: { ...event.metadata, occurredAt: days(Math.max(0, n - 2)) },
      }));
      for (const event of events) await project([event]);
      const stored = await model.summary.summary(SERVICE, RESOLUTIONS);
      expect(stored?.changes.minute?.map(({ bucket }) => bucket)).toEqual([
        bucketOf('minute', days(119)),
      ]);
      expect(stored?.changes.hour).toHaveLength(90);
      const again = await open();
      const rows = again.readModel.summaryVersions.live();
      const fold = await foldBatch(summaryProjection, (keys) => rows.load(keys), events, START);
      await rows.commit(START, fold.checkpoint, fold.changes);
      expect(await again.readModel.summary.summary(SERVICE, RESOLUTIONS)).toEqual(stored);
      await again.close();
    });

    const anyCut = fc.integer({ min: 1, max: 9 });

    it('agree with a count over the log at every version, and with a rebuild', async () => {
      await fc.assert(
        fc.asyncProperty(anyHistory(40), anyCut, async (steps: readonly Step[], cut) => {
          await inUse.close();
          inUse = await open();
          model = inUse.readModel;
          const log = new InMemoryEventStore();
          const actions = new ActionRunner(log);
          for (const step of steps) await actions.run(step);
          const events = await Array.fromAsync(log.readAll());
          for (let done = 0; done < events.length;) {
            const end = done + cut;
            await project(events.slice(done, end));
            const { states } = await usersAfter(events.slice(0, end));
            for (const service of [0, 1]) {
              const sid = serviceSidOf(service);
              expect(await present(sid)).toEqual(countRows(states, sid));
            }
            done = end;
          }
          for (const resolution of RESOLUTIONS) {
            const sid = serviceSidOf(0);
            const ends = await countBuckets(events, resolution, sid);
            const told = await points(resolution, sid);
            for (const [bucket, expected] of told.length === 0 ? [] : ends) {
              const point = told.findLast(({ time }) => time <= startOf(bucket));
              expect(point).toMatchObject(expected);
            }
          }
          const result = await verify(summaryProjection, log, model.summaryVersions, 3);
          expect(result.shown).toEqual([]);
        }),
        { numRuns: runs },
      );
    }, 120_000);
  });
}
