import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  foldBatch,
  rebuild,
  retryDeadLetters,
  switchVersion,
  VersionStateError,
} from '#projections';
import { usersProjection, type ReadModel, type UserInService } from '#read-model';
import { openSqliteReadModel, type SqliteReadModel } from '#read-model/adapters/sqlite/index';
import { InMemoryEventStore } from '../support/in-memory-event-store.ts';
import {
  ActionRunner,
  anyHistory,
  serviceOf,
  serviceSidOf,
  userSidOf,
} from '../support/random-history.ts';

/** Each User in its own Service, and in another. */
const READ = [0, 1, 2].flatMap((user) =>
  [serviceOf(user), 1 - serviceOf(user)].map((service) => ({
    serviceSid: serviceSidOf(service),
    userSid: userSidOf(user),
  })),
);

type Read = PromiseSettledResult<UserInService | null>;

/** Reads that are asked for in one turn, which may be answered from memory. */
function together({ users }: ReadModel): Promise<Read[]> {
  return Promise.allSettled(READ.map(({ serviceSid, userSid }) => users.user(serviceSid, userSid)));
}

/** The same reads, each alone, which are not. */
async function oneByOne({ users }: ReadModel): Promise<Read[]> {
  const found: Read[] = [];
  for (const { serviceSid, userSid } of READ) {
    found.push(...(await Promise.allSettled([users.user(serviceSid, userSid)])));
  }
  return found;
}

const OPERATIONS = ['follow', 'rebuild', 'switch', 'retry', 'spoil', 'discard'] as const;
type Operation = (typeof OPERATIONS)[number];

/** What happens to the read model after a step of the history, by which of its two connections. */
interface Happening {
  readonly operation: Operation;
  readonly by: 'reader' | 'other';
}

const happening: fc.Arbitrary<Happening> = fc.record({
  operation: fc.oneof(
    { weight: 12, arbitrary: fc.constant('follow' as const) },
    { weight: 5, arbitrary: fc.constantFrom(...OPERATIONS) },
  ),
  by: fc.constantFrom('reader' as const, 'other' as const),
});

/** Two connections to the same files, whose events that close Connections can be spoilt, so that they are dead letters. */
class TwoConnections {
  reader: SqliteReadModel;
  other: SqliteReadModel;
  readonly #path: string;
  readonly #log: InMemoryEventStore;
  readonly #epochs = ['epoch'];
  #isSpoilt = false;

  constructor(path: string, log: InMemoryEventStore) {
    this.#path = path;
    this.#log = log;
    this.reader = this.#open();
    this.other = this.#open();
  }

  async carryOut({ operation, by }: Happening): Promise<void> {
    const versions = this[by].usersVersions;
    if (operation === 'follow') await this.#follow(this[by]);
    else if (operation === 'spoil') this.#isSpoilt = true;
    else if (operation === 'discard') await this.#discard();
    else {
      this.#isSpoilt = false;
      if (operation === 'rebuild') await rebuild(usersProjection, this.#log, versions);
      else if (operation === 'retry') await retryDeadLetters(usersProjection, this.#log, versions);
      else {
        await switchVersion(usersProjection, this.#log, versions, 1).catch((error: unknown) => {
          if (!(error instanceof VersionStateError)) throw error;
        });
      }
    }
  }

  close(): void {
    this.reader.close();
    this.other.close();
  }

  #open(): SqliteReadModel {
    return openSqliteReadModel(this.#path, this.#epochs.at(-1) ?? '', this.#epochs.slice(0, -1));
  }

  /** Commits the rest of the log. */
  async #follow({ usersVersions }: ReadModel): Promise<void> {
    const store = usersVersions.live();
    const from = await store.checkpoint();
    const events = await Array.fromAsync(this.#log.readAll({ after: from.position }));
    const projection = this.#isSpoilt ? SPOILT : usersProjection;
    const rules = { onPoison: 'deadLetter', ...(await store.deadLetters()) } as const;
    const folded = await foldBatch(projection, (keys) => store.load(keys), events, from, rules);
    const { checkpoint, changes, deadLetters } = folded;
    await store.commit(from, checkpoint, changes, { added: deadLetters });
  }

  /** What another process does that finds the log restored: the reader must not answer any more, and starts anew. */
  async #discard(): Promise<void> {
    this.other.close();
    this.#epochs.push(`epoch-${this.#epochs.length}`);
    this.other = this.#open();
    expect((await together(this.reader)).every(({ status }) => status === 'rejected')).toBe(true);
    this.reader.close();
    this.reader = this.#open();
  }
}

const SPOILT: typeof usersProjection = {
  ...usersProjection,
  evolve: (state, projected, lookup) => {
    if (projected.event.type === 'ConnectionClosed') throw new Error('The event is spoilt');
    return usersProjection.evolve(state, projected, lookup);
  },
};

it('Users that are read together are those of the files, whatever has been committed, by whom', async () => {
  const happenings = fc.infiniteStream(happening);
  await fc.assert(
    fc.asyncProperty(anyHistory(40), happenings, async (steps, next) => {
      const directory = await mkdtemp(join(tmpdir(), 'reachability-'));
      const log = new InMemoryEventStore();
      const files = new TwoConnections(join(directory, 'read-model.db'), log);
      const actions = new ActionRunner(log);
      try {
        for (const step of steps) {
          await actions.run(step);
          const [what] = next.take(1);
          if (what !== undefined) await files.carryOut(what);
          const uncached = await oneByOne(files.other);
          expect(await together(files.reader)).toEqual(uncached);
          expect(await together(files.reader)).toEqual(uncached);
          expect(await together(files.other)).toEqual(uncached);
        }
      } finally {
        files.close();
        await rm(directory, { recursive: true });
      }
    }),
    { numRuns: 15 },
  );
}, 120_000);
