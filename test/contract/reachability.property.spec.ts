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
import { anyHistory, Doer, serviceOf, serviceSidOf, userSidOf } from '../support/random-history.ts';
import { Oracle } from './reachability-oracle.ts';

const USERS = [0, 1, 2];

/** States folded from a log batch by batch, and the answers that they give. */
class Projected {
  readonly states = new Map<string, UsersState>();
  readonly #log: InMemoryEventStore;
  #checkpoint = START;

  constructor(log: InMemoryEventStore) {
    this.#log = log;
  }

  /** Folds at most `limit` of the events that are not in yet, as one batch. */
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

/** The answer about a User from states of the projection, null where none is given. */
function answerFrom(states: ReadonlyMap<string, UsersState>, user: number) {
  const service = states.get(serviceStream(serviceSidOf(serviceOf(user))));
  const row = states.get(userStream(userSidOf(user)));
  if (service?.kind !== 'service' || service.deleted || row?.kind !== 'user') return null;
  return answerFor(summarize(row), service);
}

/** What the oracle speaks of; it knows nothing of places in a log. */
function comparable(answer: ReturnType<typeof answerFor> | null) {
  if (answer === null) return null;
  const { position: _, ...known } = answer;
  return known;
}

const sizes = fc.infiniteStream(fc.integer({ min: 1, max: 12 }));
const history = anyHistory(50);

function next(endless: fc.Stream<number>): number {
  const [value = 1] = endless.take(1);
  return value;
}

describe('Whatever happens', () => {
  it('the answers are those that the words of the null rules give, at every moment', async () => {
    const moments = fc.infiniteStream(fc.boolean());
    await fc.assert(
      fc.asyncProperty(history, moments, async (steps, looks) => {
        const log = new InMemoryEventStore();
        const doer = new Doer(log);
        const oracle = new Oracle();
        const projected = new Projected(log);
        for (const [index, step] of steps.entries()) {
          await doer.perform(step);
          oracle.take(step);
          if (looks.next().value !== true && index < steps.length - 1) continue;
          await projected.catchUp();
          const answers = USERS.map((user) => comparable(answerFrom(projected.states, user)));
          expect(answers).toEqual(USERS.map((user) => oracle.answer(user)));
        }
      }),
      { numRuns: 300 },
    );
  }, 120_000);

  it('an answer that differs from the one before has a later version', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (steps) => {
        const log = new InMemoryEventStore();
        const doer = new Doer(log);
        const projected = new Projected(log);
        const before = new Map<number, ReturnType<typeof answerFor>>();
        for (const step of steps) {
          await doer.perform(step);
          await projected.catchUp();
          for (const user of USERS) {
            const answer = answerFrom(projected.states, user);
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

  it('the states are the same however the log is cut into batches', async () => {
    await fc.assert(
      fc.asyncProperty(history, sizes, async (steps, size) => {
        const log = new InMemoryEventStore();
        const doer = new Doer(log);
        for (const step of steps) await doer.perform(step);
        const whole = new Projected(log);
        await whole.catchUp();
        const pieces = new Projected(log);
        while (await pieces.catchUp(next(size))) continue;
        expect(Object.fromEntries(pieces.states)).toEqual(Object.fromEntries(whole.states));
      }),
      { numRuns: 60 },
    );
  });

  it('the same holds through the runner, the embedded event store and the embedded read model', async () => {
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
          const doer = new Doer(log);
          const oracle = new Oracle();
          const startAt = Math.floor(steps.length / 2);
          for (const [index, step] of steps.entries()) {
            if (index === startAt) runner.start();
            await doer.perform(step);
            oracle.take(step);
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
