import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DomainError, serviceStream } from '#domain';
import { Recorder, SERVICE, WatchedWorld } from '../../../../../test/support/watched-world.ts';

const identity = fc.constantFrom('alice', 'bob', 'carol');
const watcher = fc.integer({ min: 0, max: 2 });
const few = fc.integer({ min: 1, max: 4 });

/** A change of the log, of the position of a follower, or of the watchers. */
type Step =
  | {
      readonly do: 'create' | 'connect' | 'disconnect' | 'bind' | 'delete';
      readonly identity: string;
    }
  | { readonly do: 'enable' | 'disable' | 'lose node' | 'start node' }
  | { readonly do: 'show log' | 'advance read model'; readonly events: number }
  | { readonly do: 'watch' | 'unwatch'; readonly watcher: number; readonly identity: string };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('create', 'connect', 'connect', 'disconnect', 'bind', 'delete'),
      identity,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('enable', 'disable', 'lose node', 'start node') }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constantFrom('show log', 'advance read model'), events: few }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constantFrom('watch', 'watch', 'unwatch'), watcher, identity }),
  },
);

/** Runs the steps, and checks the watchers after each. */
class Run {
  readonly #world: WatchedWorld;
  readonly #watchers = [new Recorder(), new Recorder(), new Recorder()];
  readonly #watching = new Map<string, Promise<void>>();

  constructor(world: WatchedWorld) {
    this.#world = world;
  }

  async take(step: Step): Promise<void> {
    switch (step.do) {
      case 'show log':
        return this.#world.showLog(step.events);
      case 'advance read model': {
        this.#world.advanceReadModel(step.events);
        return;
      }
      case 'watch': {
        this.#watch(step.watcher, step.identity);
        return;
      }
      case 'unwatch': {
        this.#unwatch(step.watcher, step.identity);
        return;
      }
      default:
        return this.#write(step).catch((error: unknown) => {
          if (!(error instanceof DomainError)) throw error;
        });
    }
  }

  /** Checks that each watcher knows what the shown part of the log says. */
  async check(): Promise<void> {
    for (const recorder of this.#watchers) {
      for (const each of ['alice', 'bob', 'carol']) {
        const known = recorder.known.get(this.#world.sid(each));
        if (known === undefined) continue;
        const truth = await this.#world.truth(each);
        if (truth === 'absent' || known === 'absent') expect(known).toBe(truth);
        else {
          const { isOnline, isNotifiable } = truth;
          expect(known).toMatchObject({ isOnline, isNotifiable });
          expect(known.version <= truth.version).toBe(true);
        }
      }
    }
  }

  async finish(): Promise<void> {
    this.#world.advanceReadModel();
    await this.#world.showLog();
    await Promise.all(this.#watching.values());
    await this.check();
    for (const recorder of this.#watchers) {
      this.#world.unwatch(recorder, 'alice', 'bob', 'carol');
    }
    const reads = this.#world.readModel.seeds.length;
    const last = new Recorder();
    await this.#world.watch(last, 'alice');
    expect(this.#world.readModel.seeds.slice(reads)).toEqual([
      expect.arrayContaining([serviceStream(SERVICE)]),
    ]);
    expect(last.known.get(this.#world.sid('alice'))).toEqual(await this.#world.truth('alice'));
  }

  #watch(index: number, each: string): void {
    const key = `${index} ${each}`;
    const recorder = this.#watchers[index];
    if (recorder !== undefined) {
      this.#watching.set(key, this.#settledAfter(key, this.#world.watch(recorder, each)));
    }
  }

  /** Ends a watch that has begun, as a protocol does. */
  #unwatch(index: number, each: string): void {
    const recorder = this.#watchers[index];
    if (recorder?.known.has(this.#world.sid(each)) !== true) return;
    if (this.#watching.has(`${index} ${each}`)) return;
    this.#world.unwatch(recorder, each);
  }

  async #settledAfter(key: string, watching: Promise<void>): Promise<void> {
    const before = this.#watching.get(key);
    await Promise.all([before, watching]);
    this.#watching.delete(key);
  }

  #write(
    step: Exclude<Step, { readonly do: 'watch' | 'unwatch' | 'show log' | 'advance read model' }>,
  ) {
    const world = this.#world;
    switch (step.do) {
      case 'create':
        return world.create(step.identity);
      case 'connect':
        return world.connect(step.identity, `CN-${world.store.log.length}`);
      case 'disconnect':
        return world.disconnectOldest(step.identity);
      case 'bind':
        return world.bind(step.identity);
      case 'delete':
        return world.delete(step.identity);
      case 'enable':
      case 'disable':
        return world.setEnabled(step.do === 'enable');
      case 'lose node':
        return world.node('LoseNode');
      case 'start node':
        return world.node('StartNode');
    }
  }
}

describe('The change publisher, with log, feed, read model and watchers in any order', () => {
  it('publishes to each watcher, after its first facts and once, exactly what the log says', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const world = await WatchedWorld.start();
        try {
          const run = new Run(world);
          for (const each of steps) {
            await run.take(each);
            await nextTurn();
            await run.check();
          }
          await run.finish();
        } finally {
          await world.stop();
        }
      }),
      { numRuns: 80 },
    );
  });
});
