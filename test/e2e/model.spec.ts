import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { commands } from './model/commands.ts';
import { ReachabilityModel } from './model/reachability-model.ts';
import { TwoNodes, World } from './model/world.ts';

/** A new seed for each run; set MODEL_SEED to repeat a failed one. */
const SEED = Number(process.env['MODEL_SEED'] ?? Date.now() % 1_000_000);
const RUNS = Number(process.env['MODEL_RUNS'] ?? 3);

describe('Two processes on the same data', () => {
  let two: TwoNodes;

  beforeAll(async () => {
    two = await TwoNodes.start();
  });
  afterAll(async () => {
    await two.stop();
  });

  it(`show the states of a model over REST and sockets through all faults of clients and processes (seed ${SEED})`, async () => {
    await fc.assert(
      fc.asyncProperty(commands, async (steps) => {
        const world = await World.start(two, SEED);
        try {
          await fc.asyncModelRun(
            () => ({ model: new ReachabilityModel(), real: world }),
            [...steps],
          );
        } finally {
          world.end();
        }
      }),
      { seed: SEED, numRuns: RUNS, endOnFailure: true },
    );
    expect(two.nodes.map(({ stderr }) => stderr)).toEqual(two.nodes.map(() => ''));
  }, 240_000);
});
