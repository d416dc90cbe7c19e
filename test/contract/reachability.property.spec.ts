import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { serviceStream, userStream } from '#domain';
import { openSqliteEventStore } from '#event-store/adapters/sqlite/index';
import { foldBatch, ProjectionRunner, START } from '#projections';
import { answerFor, currentStates, summarize, usersProjection, type UsersState } from '#read-model';
import { openSqliteReadModel } from '#read-model/adapters/sqlite/index';
import { InMemoryEventStore } from '../support/in-memory-event-store.ts';
import {
  anyHistory,
  ActionRunner,
  serviceOf,
  serviceSidOf,
  userSidOf,
} from '../support/random-history.ts';
import { ReachabilityOracle } from './reachability-oracle.ts';

const USERS = [0, 1, 2];

/** States of the `users` projection, folded from a log batch by batch. */
class UsersFold {
  readonly states = new Map<string, UsersState>();
  readonly #log: InMemoryEventStore;
  #checkpoint = START;

  constructor(log: InMemoryEventStore) {
    this.#log = log;
  }

  /** Folds at most `limit` new events as one batch. Returns false if there were none. */
  async catchUp(limit = Infinity): Promise<boolean> {
    const after = this.#checkpoint.position;
    const events = await Array.fromAsync(this.#log.readAll({ after, limit }));
    const load = (): Promise<Map<string, UsersState>> => Promise.resolve(this.states);
    const folded = await foldBatch(usersProjection, load, events, this.#checkpoint);
    for (const [key, state] of folded.changes) {
      if (state === null) this.states.delete(key);
      else this.states.set(key, state);
    }
    this.#checkpoint = folded.checkpoint;
    return events.length > 0;
  }
}

/** The answer about a User from states of the projection; null if the User or its Service does not exist. */
function answerFrom(states: ReadonlyMap<string, UsersState>, user: number) {
  const service = states.get(serviceStream(serviceSidOf(serviceOf(user))));
  const row = states.get(userStream(userSidOf(user)));
  if (service?.kind !== 'service' || service.deleted || row?.kind !== 'user') return null;
  return answerFor(summarize(row), service);
}

/** The answer without its position, which the oracle does not know. */
function comparable(answer: ReturnType<typeof answerFor> | null) {
  if (answer === null) return null;
  const { position: _, ...comparableFields } = answer;
  return comparableFields;
}

const sizes = fc.infiniteStream(fc.integer({ min: 1, max: 12 }));
const history = anyHistory(50);

function next(endless: fc.Stream<number>): number {
  const [value = 1] = endless.take(1);
  return value;
}

describe('For every history', () => {
  it('answers follow the null rules at every moment', async () => {
    const moments = fc.infiniteStream(fc.boolean());
    await fc.assert(
      fc.asyncProperty(history, moments, async (steps, looks) => {
        const log = new InMemoryEventStore();
        const actions = new ActionRunner(log);
        const oracle = new ReachabilityOracle();
        const fold = new UsersFold(log);
        for (const [index, step] of steps.entries()) {
          await actions.run(step);
          oracle.apply(step);
          if (looks.next().value !== true && index < steps.length - 1) continue;
          await fold.catchUp();
          const answers = USERS.map((user) => comparable(answerFrom(fold.states, user)));
          expect(answers).toEqual(USERS.map((user) => oracle.answer(user)));
        }
      }),
      { numRuns: 300 },
    );
  }, 120_000);

  it('a changed answer has a later version', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (steps) => {
        const log = new InMemoryEventStore();
        const actions = new ActionRunner(log);
        const fold = new UsersFold(log);
        const before = new Map<number, ReturnType<typeof answerFor>>();
        for (const step of steps) {
          await actions.run(step);
          await fold.catchUp();
          for (const user of USERS) {
            const answer = answerFrom(fold.states, user);
            const last = before.get(user);
            if (answer === null) continue;
            before.set(user, answer);
            if (last === undefined) continue;
            const same = isDeepStrictEqual(comparable(answer), comparable(last));
            if (same ? answer.position >= last.position : answer.position > last.position) continue;
            expect({ answer, last }).toBe('in the order of their versions');
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('states do not depend on the batch size', async () => {
    await fc.assert(
      fc.asyncProperty(history, sizes, async (steps, size) => {
        const log = new InMemoryEventStore();
        const actions = new ActionRunner(log);
        for (const step of steps) await actions.run(step);
        const whole = new UsersFold(log);
        await whole.catchUp();
        const pieces = new UsersFold(log);
        while (await pieces.catchUp(next(size))) continue;
        expect(Object.fromEntries(pieces.states)).toEqual(Object.fromEntries(whole.states));
      }),
      { numRuns: 60 },
    );
  });

  it('runner, embedded event store and embedded read model give the same answers', async () => {
    await fc.assert(
      fc.asyncProperty(history, sizes, async (steps, size) => {
        const directory = await mkdtemp(join(tmpdir(), 'reachability-'));
        const log = await openSqliteEventStore({ path: join(directory, 'events.db') });
        const model = openSqliteReadModel(join(directory, 'read-model.db'), log.epoch);
        const arrived = Promise.withResolvers<undefined>();
        let head: string | null | undefined;
        const batchSize = next(size);
        const runner = new ProjectionRunner(usersProjection, log, model.usersVersions.live(), {
          batchSize,
          onStatus: ({ position }) => {
            if (position === head) arrived.resolve(undefined);
          },
        });
        try {
          const actions = new ActionRunner(log);
          const oracle = new ReachabilityOracle();
          const startAt = Math.floor(steps.length / 2);
          for (const [index, step] of steps.entries()) {
            if (index === startAt) runner.start();
            await actions.run(step);
            oracle.apply(step);
          }
          const streams = USERS.flatMap((user) => [
            userStream(userSidOf(user)),
            serviceStream(serviceSidOf(serviceOf(user))),
          ]);
          const current = await currentStates(log, model.users, [...new Set(streams)]);
          head = await log.head();
          if (runner.status.position === head) arrived.resolve(undefined);
          await arrived.promise;
          for (const user of USERS) {
            const found = await model.users.user(serviceSidOf(serviceOf(user)), userSidOf(user));
            const answer = found === null ? null : answerFor(found.user, found.service);
            expect(comparable(answer)).toEqual(oracle.answer(user));
            const early = answerFrom(current, user);
            expect(early?.isOnline).toEqual(answer?.isOnline);
            expect(early?.position).toEqual(answer?.position);
          }
        } finally {
          await runner.stop();
          await log.close();
          model.close();
          await rm(directory, { recursive: true });
        }
      }),
      { numRuns: 8 },
    );
  });
});
