import { describe, expect, it } from '@jest/globals';
import { ChaosRun } from '../chaos/chaos-run.ts';
import { makePlan, type ChaosOptions } from '../chaos/plan.ts';
import { report } from '../chaos/report.ts';

/** Another seed each time, unless one is given to see a failure again. */
const SEED = Number(process.env['CHAOS_SEED'] ?? Date.now() % 1_000_000);

const SHORT: ChaosOptions = {
  seed: SEED,
  minutes: 0.3,
  nodes: 3,
  clients: 20,
  storm: 40,
  graceSeconds: 1,
  slackMs: 4_000,
  eventStoreDb: false,
};

describe('Processes that share a store', () => {
  it(`show nobody falsely and miss no update while they and the network fail (seed ${SEED})`, async () => {
    const happened: string[] = [];
    const result = await ChaosRun.execute(SHORT, (line) => happened.push(line));
    const { ghosts, falseOfflines, missedUpdates, needlessCloses, stderr } = result;
    const found = [...ghosts, ...falseOfflines, ...missedUpdates, ...needlessCloses];
    if (found.length > 0) throw new Error(`${happened.join('\n')}\n${report(result)}`);
    expect(result.readings).toBeGreaterThan(0);
    expect(result.connections).toBeGreaterThan(SHORT.clients);
    expect(stderr).toBe('');
  }, 150_000);
});

describe('A plan of chaos', () => {
  it('is the same for the same seed, and another for another', () => {
    const plan = JSON.stringify(makePlan(SHORT));
    expect(JSON.stringify(makePlan(SHORT))).toBe(plan);
    expect(JSON.stringify(makePlan({ ...SHORT, seed: SEED + 1 }))).not.toBe(plan);
  });
});
