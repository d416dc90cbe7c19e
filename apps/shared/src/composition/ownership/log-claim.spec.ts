import { describe, expect, it } from '@jest/globals';
import { EventStoreUnavailableError, type LogOwner } from '#event-store';
import { folder, InMemoryLogOwner } from '../../../../../test/support/in-memory-log-owner.ts';
import { ManualTiming } from '../../../../../test/support/manual-timing.ts';
import { databaseOwner } from './database-owner.ts';
import { LogClaim, type ProcessCount } from './log-claim.ts';
import { LogClaimLostError } from './log-claim-lost-error.ts';
import { LogInUseError } from './log-in-use-error.ts';

const A = folder('a');
const B = folder('b');

/** Folders of any machines with one log. Time passes for all of them, unless a machine is paused. */
class World {
  readonly store = new InMemoryLogOwner();
  readonly timing = new ManualTiming();
  readonly reports: string[] = [];
  readonly #processes = new Map<string, number>();

  take(self: LogOwner, timing = this.timing): Promise<LogClaim> {
    const count = this.#join(self);
    const report = (line: string): void => void this.reports.push(line);
    return LogClaim.take({ store: this.store, self, count, timing, report });
  }

  /** Starts to take the log, and tells how that ends once it has. */
  begin(self: LogOwner, timing = this.timing): { outcome: LogClaim | Error | null } {
    const attempt: { outcome: LogClaim | Error | null } = { outcome: null };
    void this.take(self, timing).then(
      (claim) => (attempt.outcome = claim),
      (error: unknown) => (attempt.outcome = error instanceof Error ? error : null),
    );
    return attempt;
  }

  processes({ place }: LogOwner): number {
    return this.#processes.get(place) ?? 0;
  }

  #join({ place }: LogOwner): ProcessCount {
    const add = (by: number): number => (this.#processes.get(place) ?? 0) + by;
    this.#processes.set(place, add(1));
    return {
      tryToBeLast: () => add(0) === 1,
      leave: () => this.#processes.set(place, add(-1)),
    };
  }
}

function messageOf({ outcome }: { readonly outcome: LogClaim | Error | null }): string | null {
  return outcome instanceof Error ? outcome.message : null;
}

/** Whether the claim is lost by now. */
async function lossOf(claim: LogClaim): Promise<LogClaimLostError | null> {
  return Promise.race([claim.lost, Promise.resolve(null)]);
}

describe('The claim of a log', () => {
  it('is taken at once where the log never had an owner', async () => {
    const world = new World();
    await world.take(A);
    expect(world.store.summary).toBe('held:a');
  });

  it('is refused to another folder while the owner is alive, with one line that says what to set', async () => {
    const world = new World();
    await world.take(A);
    const attempt = world.begin(B);
    await world.timing.pass(3_000);
    expect(attempt.outcome).toBeInstanceOf(LogInUseError);
    expect(messageOf(attempt)).toBe(
      'The event store is in use with another data directory, /a of machine m. Processes of one machine must share its DATA_DIR; several machines need DATABASE_URL. To overrule this, run: reachability nodes forget a',
    );
    expect(world.processes(B)).toBe(0);
    expect(world.store.summary).toBe('held:a');
    expect(world.reports).toEqual([]);
  });

  it('is shared by the processes of a database on any machines', async () => {
    const world = new World();
    await world.take(databaseOwner());
    await world.take(databaseOwner());
    expect(world.store.summary).toBe('held:database');
  });

  it('is refused to a folder beside a database, and the other way round', async () => {
    const world = new World();
    await world.take(databaseOwner());
    const attempt = world.begin(A);
    await world.timing.pass(3_000);
    expect(messageOf(attempt)).toMatch(
      /in use with DATABASE_URL, at machine \S+: set DATABASE_URL here, too\. .*forget database$/,
    );
    const other = new World();
    await other.take(A);
    const database = other.begin(databaseOwner());
    await other.timing.pass(3_000);
    expect(messageOf(database)).toMatch(
      /in use with \/a of machine m, without DATABASE_URL: set it for the processes there, too\. .*forget a$/,
    );
  });

  it('passes to another folder 10 s after the owner was killed, which says so while it waits', async () => {
    const world = new World();
    const dead = new ManualTiming();
    await world.take(A, dead);
    const attempt = world.begin(B);
    await world.timing.pass(9_900);
    expect(attempt.outcome).toBeNull();
    expect(world.reports).toEqual([
      'The event store was in use with /a of machine m. It is taken over after 10 s without a sign of life',
    ]);
    await world.timing.pass(600);
    expect(attempt.outcome).toBeInstanceOf(LogClaim);
    expect(world.store.summary).toBe('held:b');
  });

  it('stays with a folder whose process was killed and started again', async () => {
    const world = new World();
    await world.take(A, new ManualTiming());
    await world.take(A);
    expect(world.store.summary).toBe('held:a');
  });

  it('is free at once after the last process of its owner has stopped', async () => {
    const world = new World();
    const claims = [await world.take(A), await world.take(A)] as const;
    await claims[0].release();
    expect(world.store.summary).toBe('held:a');
    await claims[1].release();
    expect(world.store.summary).toBe('left:a');
    await world.take(B);
    expect(world.store.summary).toBe('held:b');
  });

  it('is refused to a copy of the folder while the original is alive', async () => {
    const world = new World();
    await world.take(A);
    const attempt = world.begin(folder('a', 'elsewhere'));
    await world.timing.pass(3_000);
    expect(messageOf(attempt)).toContain(
      'in use with a copy of this data directory, /a of machine m',
    );
  });

  it('passes to a copy of the folder 10 s after the original was killed, as when its disk moves', async () => {
    const world = new World();
    await world.take(A, new ManualTiming());
    const attempt = world.begin(folder('a', 'elsewhere'));
    await world.timing.pass(10_500);
    expect(attempt.outcome).toBeInstanceOf(LogClaim);
  });

  it('goes to one of two folders that start at the same time', async () => {
    const world = new World();
    const attempts = [world.begin(A), world.begin(B)];
    await world.timing.pass(3_000);
    const outcomes = attempts.map(({ outcome }) => outcome?.constructor);
    expect(outcomes).toEqual(expect.arrayContaining([LogClaim, LogInUseError]));
  });

  it('goes to one of two folders that wait for the same dead owner', async () => {
    const world = new World();
    await world.take(folder('dead'), new ManualTiming());
    const attempts = [world.begin(A), world.begin(B)];
    await world.timing.pass(25_000);
    const outcomes = attempts.map(({ outcome }) => outcome?.constructor);
    expect(outcomes).toEqual(expect.arrayContaining([LogClaim, LogInUseError]));
  });

  it('is lost by a process that was paused while another folder took the log', async () => {
    const world = new World();
    const frozen = new ManualTiming();
    const claim = await world.take(A, frozen);
    const attempt = world.begin(B);
    await world.timing.pass(10_500);
    expect(attempt.outcome).toBeInstanceOf(LogClaim);
    await frozen.pass(1_000);
    expect(await lossOf(claim)).toBeInstanceOf(LogClaimLostError);
    await claim.release();
    expect(world.store.summary).toBe('held:b');
    expect(world.processes(A)).toBe(0);
  });

  it('is kept by a process that wakes up in time', async () => {
    const world = new World();
    const frozen = new ManualTiming();
    const claim = await world.take(A, frozen);
    const attempt = world.begin(B);
    await world.timing.pass(9_500);
    await frozen.jump(9_500);
    await world.timing.pass(1_000);
    expect(attempt.outcome).toBeInstanceOf(LogInUseError);
    expect(await lossOf(claim)).toBeNull();
  });

  it('does not pass to a process that was paused itself during the wait', async () => {
    const world = new World();
    await world.take(A, new ManualTiming());
    const attempt = world.begin(B);
    await world.timing.pass(5_000);
    await world.timing.jump(60_000);
    await world.timing.pass(9_000);
    expect(attempt.outcome).toBeNull();
    await world.timing.pass(1_500);
    expect(attempt.outcome).toBeInstanceOf(LogClaim);
  });

  it.each([
    ['an outage of the event store', new EventStoreUnavailableError('no answer'), []],
    [
      'another failure of it, which is reported once',
      new Error('no such thing'),
      ['Cannot see whether the event store is still in use here; retrying: no such thing'],
    ],
  ])('outlives %s', async (_, failure, reports) => {
    const world = new World();
    const claim = await world.take(A);
    world.store.failure = failure;
    await world.timing.pass(60_000);
    world.store.failure = null;
    await world.timing.pass(2_000);
    expect(await lossOf(claim)).toBeNull();
    expect(world.reports).toEqual(reports);
    const attempt = world.begin(B);
    await world.timing.pass(3_000);
    expect(attempt.outcome).toBeInstanceOf(LogInUseError);
  });

  it('can be released during an outage of the event store', async () => {
    const world = new World();
    const claim = await world.take(A);
    world.store.failure = new Error('no answer');
    await claim.release();
    expect(world.processes(A)).toBe(0);
    expect(world.reports).toEqual([
      'Cannot record that the event store is no longer in use: no answer',
    ]);
  });

  it('is recorded again where an older copy of the event store has no record', async () => {
    const world = new World();
    const claim = await world.take(A);
    world.store.stored = { record: null, revision: 'no_stream' };
    await world.timing.pass(1_000);
    expect(world.store.summary).toBe('held:a');
    expect(await lossOf(claim)).toBeNull();
  });

  it('stays with the owner while the same process opens its stores anew', async () => {
    const world = new World();
    const claim = await world.take(A);
    await claim.leaveToSuccessor();
    await claim.release();
    expect(world.store.summary).toBe('held:a');
    expect(world.processes(A)).toBe(0);
  });

  it('answers a question that it finds when it is taken again', async () => {
    const world = new World();
    await world.take(A, new ManualTiming());
    const attempt = world.begin(B);
    await world.timing.pass(5_000);
    await world.take(A);
    await world.timing.pass(500);
    expect(attempt.outcome).toBeInstanceOf(LogInUseError);
  });

  it('is written to the store only when somebody asks', async () => {
    const world = new World();
    await world.take(A);
    const { revision } = world.store.stored;
    await world.timing.pass(60_000);
    expect(world.store.stored.revision).toBe(revision);
  });
});
