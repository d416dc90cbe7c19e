import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomCredentials, WIDE_LIMITS } from '../chaos/cluster.ts';
import type { SelfEnd } from '../chaos/machines/failures.ts';
import { MachineProcess } from '../chaos/machines/machine-process.ts';
import { Machines, makeService, type MachineParts } from '../chaos/machines/machines.ts';
import { APIS } from '../chaos/machines/machines-plan.ts';
import { WebhookRecorder } from '../chaos/machines/webhook-recorder.ts';
import { TcpProxy } from '../chaos/tcp-proxy.ts';
import { Cli } from '../support/cli.ts';

/** Machines, and the folder that their processes share. */
export interface OneFolder {
  readonly machines: Machines;
  readonly dataDir: string;
  /** Ends of processes by themselves so far. */
  readonly selfEnds: readonly SelfEnd[];
}

/** Starts two processes that do everything, on one folder with all stores embedded. */
export async function startOnOneFolder(seed: number, graceSeconds: number): Promise<OneFolder> {
  const dataDir = mkdtempSync(join(tmpdir(), 'reachability-soak-'));
  const selfEnds: SelfEnd[] = [];
  const machines = await Machines.startBy((cleanups) =>
    startParts({ seed, graceSeconds, dataDir, selfEnds }, cleanups),
  );
  return { machines, dataDir, selfEnds };
}

async function startParts(
  setup: {
    readonly seed: number;
    readonly graceSeconds: number;
    readonly dataDir: string;
    readonly selfEnds: SelfEnd[];
  },
  cleanups: (() => Promise<void>)[],
): Promise<MachineParts> {
  const { seed, graceSeconds, dataDir, selfEnds } = setup;
  cleanups.unshift(async () => rmSync(dataDir, { recursive: true, force: true }));
  const receiver = await WebhookRecorder.start(seed);
  cleanups.unshift(() => receiver.stop());
  const env = {
    ...WIDE_LIMITS,
    ...randomCredentials(),
    KEY_ENCRYPTION_KEY: '0f'.repeat(32),
    WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8',
    ROLE: 'all',
  };
  const processes = APIS.map(
    (name) =>
      new MachineProcess({
        name,
        dataDir,
        env,
        links: new Map(),
        onSelfEnd: (what, from) => selfEnds.push({ what, from, to: Date.now() }),
      }),
  );
  for (const process of processes) {
    await process.start();
    cleanups.unshift(() => process.stop());
  }
  const proxies = await Promise.all(processes.map((api) => TcpProxy.start(() => api.port)));
  cleanups.unshift(...proxies.map((proxy) => () => proxy.stop()));
  return {
    processes: new Map(processes.map((process) => [process.name, process])),
    workerNames: APIS,
    proxies,
    stores: {
      outages: { postgres: [], eventstore: [] },
      eventStorePort: null,
      crash: () => Promise.resolve(false),
    },
    receiver,
    cli: new Cli(dataDir, env),
    ...(await makeService(processes[0], receiver.url, graceSeconds)),
  };
}
