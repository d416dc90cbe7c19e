import { clientPlan, type Timed } from '../chaos/plan.ts';
import type { GatewayPlan, MachinesPlan, MachineStep } from '../chaos/machines/machines-plan.ts';
import { Random } from '../chaos/random.ts';

export interface SoakOptions {
  readonly seed: number;
  readonly minutes: number;
  readonly graceSeconds: number;
  /** Added to every bound, for machines that are busy with other work. */
  readonly slackMs: number;
}

const CLIENTS = 24;
const GATEWAYS = 4;
const WRITTEN = 2;
/** Longest time between two faults, in milliseconds. A short run has all kinds of faults as well. */
const LONGEST_GAP_MS = 75_000;

/** Faults in turn, so that both halves of a run have the same ones. The first process keeps running. */
const FAULTS: readonly MachineStep[] = [
  { do: 'kill', process: 'api-1', ms: 3_000 },
  { do: 'cut clients', node: 0 },
  { do: 'freeze', process: 'api-1', ms: 9_000 },
  { do: 'stall clients', node: 0, ms: 8_000 },
  { do: 'restart', process: 'api-1' },
  { do: 'stall clients', node: 1, ms: 15_000 },
];

/** All steps of a run. The same options give the same plan. */
export function makeSoakPlan(options: SoakOptions): MachinesPlan {
  const named = (name: string, count: number) =>
    Array.from({ length: count }, (_, index) => `${name}-${index}`);
  const identities = named('user', CLIENTS);
  const gateways = named('gateway', GATEWAYS);
  return {
    clients: identities.map((identity) =>
      clientPlan(identity, [...identities, ...gateways], options),
    ),
    gateways: gateways.map((identity) => gatewayPlan(identity, options)),
    written: named('written', WRITTEN),
    faults: faultsOf(options),
  };
}

/** Milliseconds between two faults of a run. */
export function gapOf({ minutes }: Pick<SoakOptions, 'minutes'>): number {
  return Math.min(LONGEST_GAP_MS, (minutes * 60_000) / (FAULTS.length + 1));
}

function faultsOf(options: SoakOptions): Timed<MachineStep>[] {
  const gap = gapOf(options);
  const count = Math.floor((options.minutes * 60_000) / gap) - 1;
  return Array.from({ length: count }, (_, index) => ({
    at: Math.round((index + 1) * gap),
    step: FAULTS[index % FAULTS.length] ?? { do: 'cut clients', node: 0 },
  }));
}

/** Connections over HTTP, most of them deleted, the others left to expire. */
function gatewayPlan(identity: string, { seed, minutes }: SoakOptions): GatewayPlan {
  const random = new Random(seed, identity);
  const cycles: GatewayPlan['cycles'][number][] = [];
  for (let at = random.whole(0, 3_000); at < minutes * 60_000; at += random.whole(500, 20_000)) {
    const holdMs = random.whole(1_000, 30_000);
    cycles.push({ at, holdMs, end: random.chance(0.6) ? 'delete' : 'abandon' });
    at += holdMs;
  }
  return { identity, cycles };
}
