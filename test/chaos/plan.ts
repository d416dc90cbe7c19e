import { Random } from './random.ts';

export interface ChaosOptions {
  readonly seed: number;
  readonly minutes: number;
  readonly nodes: number;
  readonly clients: number;
  /** Most clients in one storm. */
  readonly storm: number;
  readonly graceSeconds: number;
  /** Added to every bound, for machines that are busy with other work. */
  readonly slackMs: number;
  /** Whether processes keep events in EventStoreDB instead of a shared file. */
  readonly eventStoreDb: boolean;
}

/** An action of a client, or a fault of its connection. */
export type ClientStep =
  | { readonly do: 'leave'; readonly how: 'clean' | 'abrupt' | 'silent'; readonly awayMs: number }
  | { readonly do: 'lose'; readonly how: 'abrupt' | 'silent' }
  | { readonly do: 'stall' | 'slow'; readonly ms: number }
  | { readonly do: 'lose server' }
  | { readonly do: 'expire'; readonly seconds: number }
  | { readonly do: 'watch' | 'unwatch'; readonly users: readonly string[] };

/** A fault of a process, or of many clients at once. */
export type ClusterStep =
  | { readonly do: 'kill' | 'pause'; readonly node: number; readonly ms: number }
  | { readonly do: 'restart'; readonly node: number }
  | { readonly do: 'cut all'; readonly node: number }
  | { readonly do: 'stall all'; readonly node: number; readonly ms: number }
  | { readonly do: 'storm'; readonly clients: number; readonly ms: number };

export interface Timed<Step> {
  /** Milliseconds after the start of the run. */
  readonly at: number;
  readonly step: Step;
}

export interface ClientPlan {
  readonly identity: string;
  readonly watched: readonly string[];
  readonly steps: readonly Timed<ClientStep>[];
}

export interface Plan {
  readonly clients: readonly ClientPlan[];
  readonly cluster: readonly Timed<ClusterStep>[];
}

/** Longest expected start of a process. */
const START_MS = 8_000;

/** All steps of a run. The same options give the same plan. */
export function makePlan(options: ChaosOptions): Plan {
  const identities = Array.from({ length: options.clients }, (_, index) => `user-${index}`);
  return {
    clients: identities.map((identity) => clientPlan(identity, identities, options)),
    cluster: clusterPlan(options),
  };
}

/** All steps of one client. */
export function clientPlan(
  identity: string,
  identities: readonly string[],
  { seed, minutes }: Pick<ChaosOptions, 'seed' | 'minutes'>,
): ClientPlan {
  const random = new Random(seed, identity);
  const end = minutes * 60_000;
  const steps: Timed<ClientStep>[] = [];
  for (let at = random.between(1_000, 15_000); at < end; at += random.between(2_000, 20_000)) {
    const step = clientStep(random, identities);
    steps.push({ at: Math.round(at), step });
    if (step.do === 'leave') at += step.awayMs;
  }
  return { identity, watched: random.some(identities, 20), steps };
}

function clientStep(random: Random, identities: readonly string[]): ClientStep {
  const what = random.between(0, 100);
  if (what < 30) {
    const how = random.pick(['clean', 'abrupt', 'silent'] as const);
    return { do: 'leave', how, awayMs: Math.round(random.between(500, 45_000)) };
  }
  if (what < 55) return { do: 'lose', how: random.pick(['abrupt', 'abrupt', 'silent'] as const) };
  if (what < 65) return { do: 'stall', ms: Math.round(random.between(500, 25_000)) };
  if (what < 75) return { do: 'slow', ms: Math.round(random.between(20, 1_000)) };
  if (what < 80) return { do: 'lose server' };
  if (what < 85) return { do: 'expire', seconds: random.whole(3, 20) };
  return { do: what < 93 ? 'watch' : 'unwatch', users: random.some(identities, 5) };
}

/** Leaves at least one process running at any time; otherwise everybody would rightly be offline. */
function clusterPlan({ seed, minutes, nodes, storm }: ChaosOptions): Timed<ClusterStep>[] {
  const random = new Random(seed, 'cluster');
  const end = minutes * 60_000;
  const steps: Timed<ClusterStep>[] = [];
  const busyUntil = Array.from({ length: nodes }, () => 0);
  for (let at = random.between(2_000, 6_000); at < end; at += random.between(2_000, 9_000)) {
    const idle = busyUntil.flatMap((until, node) => (until < at ? [node] : []));
    const step = clusterStep(random, idle, storm);
    steps.push({ at: Math.round(at), step });
    if (step.do === 'kill' || step.do === 'pause') {
      busyUntil[step.node] = at + step.ms + START_MS;
    } else if (step.do === 'restart') busyUntil[step.node] = at + START_MS;
  }
  return steps;
}

function clusterStep(random: Random, idle: readonly number[], storm: number): ClusterStep {
  const what = random.between(0, 100);
  const node = random.pick(idle);
  const spare = idle.length > 1;
  if (spare && what < 25) return { do: 'kill', node, ms: Math.round(random.between(0, 12_000)) };
  if (spare && what < 50) return { do: 'pause', node, ms: pauseMs(random) };
  if (spare && what < 65) return { do: 'restart', node };
  if (what < 75) return { do: 'cut all', node };
  if (what < 85) return { do: 'stall all', node, ms: Math.round(random.between(500, 20_000)) };
  return {
    do: 'storm',
    clients: random.whole(Math.ceil(storm / 3), storm + 1),
    ms: Math.round(random.between(1_000, 8_000)),
  };
}

/** 5 to 60 s; shorter pauses are more frequent. */
function pauseMs(random: Random): number {
  return Math.round(5_000 * 12 ** (random.between(0, 1) ** 1.5));
}
