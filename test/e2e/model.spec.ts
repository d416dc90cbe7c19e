import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { commands } from './model/commands.ts';
import { ReachabilityModel } from './model/reachability-model.ts';
import { TwoNodes, World } from './model/world.ts';

/** Another seed each time, unless one is given to see a failure again. */
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

  it(`show over REST and sockets what a model of forty lines says, whatever happens to clients and processes (seed ${SEED})`, async () => {
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
