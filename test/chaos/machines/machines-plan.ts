import { clientPlan, type ClientPlan, type Timed } from '../plan.ts';
import { Random } from '../random.ts';

export interface MachinesOptions {
  readonly seed: number;
  readonly minutes: number;
  readonly clients: number;
  /** Most clients in one storm. */
  readonly storm: number;
  readonly graceSeconds: number;
  /** Added to every bound, for machines that are busy with other work. */
  readonly slackMs: number;
  /** Whether the log is in EventStoreDB instead of a folder that all processes share. */
  readonly eventStoreDb: boolean;
  /** Longest time between two faults, and longest fault, in seconds. */
  readonly gapSeconds: number;
  readonly longestSeconds: number;
  /** Whether faults of workers and of stores may overlap, so that nothing works for a while. */
  readonly harsh: boolean;
}

export const APIS = ['api-0', 'api-1'] as const;
export const WORKERS = ['worker-0', 'worker-1'] as const;
export type ProcessName = (typeof APIS)[number] | (typeof WORKERS)[number];
export type StoreName = 'postgres' | 'eventstore';

/** A fault of one process, of a store, or of many clients at once. */
export type MachineStep =
  | { readonly do: 'kill' | 'freeze'; readonly process: ProcessName; readonly ms: number }
  | { readonly do: 'restart'; readonly process: ProcessName }
  | {
      readonly do: 'cut';
      readonly process: ProcessName;
      readonly from: readonly StoreName[];
      readonly ms: number;
    }
  | { readonly do: 'crash'; readonly store: StoreName; readonly ms: number }
  | { readonly do: 'cut clients'; readonly node: number }
  | { readonly do: 'stall clients'; readonly node: number; readonly ms: number }
  | { readonly do: 'storm'; readonly clients: number; readonly ms: number };

/** One Connection of a gateway: from its start until it is deleted, or no longer renewed. */
export interface GatewayCycle {
  /** Milliseconds after the start of the run. */
  readonly at: number;
  readonly holdMs: number;
  readonly end: 'delete' | 'abandon';
}

export interface GatewayPlan {
  readonly identity: string;
  readonly cycles: readonly GatewayCycle[];
}

export interface MachinesPlan {
  readonly clients: readonly ClientPlan[];
  readonly gateways: readonly GatewayPlan[];
  /** Identities of Users that are written to all the time. */
  readonly written: readonly string[];
  readonly faults: readonly Timed<MachineStep>[];
}

const GATEWAYS = 4;
const WRITTEN = 3;
/** Longest expected start of a process or store. */
const START_MS = 10_000;

/** All steps of a run. The same options give the same plan. */
export function makeMachinesPlan(options: MachinesOptions): MachinesPlan {
  const named = (name: string, count: number) =>
    Array.from({ length: count }, (_, index) => `${name}-${index}`);
  const identities = named('user', options.clients);
  const gateways = named('gateway', GATEWAYS);
  const everybody = [...identities, ...gateways];
  return {
    clients: identities.map((identity) => clientPlan(identity, everybody, options)),
    gateways: gateways.map((identity) => gatewayPlan(identity, options)),
    written: named('written', WRITTEN),
    faults: faultPlan(options),
  };
}

function gatewayPlan(identity: string, { seed, minutes }: MachinesOptions): GatewayPlan {
  const random = new Random(seed, identity);
  const end = minutes * 60_000;
  const cycles: GatewayCycle[] = [];
  let at = random.whole(0, 3_000);
  while (at < end) {
    const holdMs = random.whole(1_000, 30_000);
    cycles.push({ at, holdMs, end: random.chance(0.6) ? 'delete' : 'abandon' });
    at += holdMs + random.whole(500, 20_000);
  }
  return { identity, cycles };
}

/** Leaves one api process without faults at any time, and one worker and a store unless the plan is harsh. */
function faultPlan(options: MachinesOptions): Timed<MachineStep>[] {
  const { seed, minutes, gapSeconds, harsh } = options;
  const random = new Random(seed, 'machines');
  const end = minutes * 60_000;
  const steps: Timed<MachineStep>[] = [];
  const busyUntil = new Map<string, number>();
  const idle = <Name extends string>(names: readonly Name[], at: number): readonly Name[] =>
    names.filter((name) => (busyUntil.get(name) ?? 0) < at);
  for (let at = random.whole(2_000, 4_000); at < end; at += random.whole(500, gapSeconds * 1_000)) {
    const apis = idle(APIS, at);
    const workers = idle(WORKERS, at);
    const stores = idle(['postgres', 'eventstore'] as const, at);
    const step = faultStep(random, options, {
      processes: [
        ...(apis.length === APIS.length ? apis : []),
        ...(harsh || workers.length === WORKERS.length ? workers : []),
      ],
      stores: harsh || stores.length === 2 ? stores : [],
    });
    if (step === null) continue;
    steps.push({ at, step });
    const name = 'process' in step ? step.process : 'store' in step ? step.store : null;
    if (name !== null) busyUntil.set(name, at + ('ms' in step ? step.ms : 0) + START_MS);
  }
  return steps;
}

/** What may fail now. */
interface Candidates {
  readonly processes: readonly ProcessName[];
  readonly stores: readonly StoreName[];
}

/** @returns null if the drawn fault would leave too little that works */
function faultStep(
  random: Random,
  { storm, longestSeconds }: MachinesOptions,
  { processes, stores }: Candidates,
): MachineStep | null {
  const longest = longestSeconds * 1_000;
  const what = random.between(0, 100);
  if (what < 62) {
    if (processes.length === 0) return null;
    const process = random.pick(processes);
    if (what < 16) return { do: 'kill', process, ms: random.whole(0, longest / 3) };
    if (what < 32) return { do: 'freeze', process, ms: random.whole(3_000, longest) };
    if (what < 38) return { do: 'restart', process };
    const from = random.pick([['postgres'], ['eventstore'], ['postgres', 'eventstore']] as const);
    return { do: 'cut', process, from, ms: random.whole(1_000, longest) };
  }
  if (what < 78) {
    if (stores.length === 0) return null;
    return { do: 'crash', store: random.pick(stores), ms: random.whole(0, longest / 3) };
  }
  const node = random.whole(0, APIS.length);
  if (what < 84) return { do: 'cut clients', node };
  if (what < 90) return { do: 'stall clients', node, ms: random.whole(500, longest / 2) };
  const clients = random.whole(Math.ceil(storm / 3), storm + 1);
  return { do: 'storm', clients, ms: random.whole(1_000, 8_000) };
}
