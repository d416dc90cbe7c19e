/** Processor time in seconds, of one api process. */
export interface Costs {
  /** For an event that nobody at the process watches. */
  readonly follow: number;
  /** Bytes that such an event is received in. */
  readonly bytes: number;
  /** For the first watcher of an event, beyond {@link follow}. */
  readonly firstDelivery: number;
  /** For each further watcher. */
  readonly delivery: number;
  /** For a handshake with its commands. */
  readonly connect: number;
  /** For a connection that is idle, in a second. */
  readonly idle: number;
}

/** What is to be planned for. */
export interface Demand {
  readonly connections: number;
  /** Events per second in the whole installation: each connect and each disconnect is one. */
  readonly events: number;
  /** Connections that watch a User. */
  readonly watchers: number;
  /** Groups of processes among which the Services are divided, each with a log of its own. */
  readonly partitions: number;
}

/** Sockets of a process, by the default limit of file descriptors. */
const SOCKETS = 19_500;
/** Share of one core, which serves the sockets of a process, that it may use: beyond it, deliveries wait for each other. */
const LOAD = 0.6;
const MILLION = 1_000_000;
const WATCHERS = 10;
const RATES = [250, 500, 1_000, 2_000, 4_000, 8_000, 16_000];
const PARTITIONS = [1, 4, 16];

/**
 * Returns the number of api processes that a demand needs in all; null where following the log alone takes what a process
 * may use.
 */
export function processesFor(costs: Costs, demand: Demand): number | null {
  const { partitions, watchers } = demand;
  const connections = demand.connections / partitions;
  const events = demand.events / partitions;
  const left = LOAD - events * costs.follow;
  if (left <= 0) return null;
  const deliveries = events * watchers * Math.max(costs.delivery, costs.firstDelivery);
  const own = (events / 2) * costs.connect + connections * costs.idle + deliveries;
  return partitions * Math.max(Math.ceil(connections / SOCKETS), Math.ceil(own / left));
}

/** Returns the events per second at which following the log alone takes what a process may use. */
export function lastRate(costs: Costs): number {
  return LOAD / costs.follow;
}

/** Prints the costs, and the processes that a million connections need. */
export function printPlan(costs: Costs): void {
  const us = (seconds: number): string => `${(seconds * 1e6).toFixed(1)} us`;
  console.log(
    `\nevent that nobody here watches   ${us(costs.follow)}, ${costs.bytes.toFixed(0)} bytes`,
  );
  console.log(`first watcher of an event        ${us(costs.firstDelivery)} more`);
  console.log(`each further watcher             ${us(costs.delivery)}`);
  console.log(`handshake                        ${us(costs.connect)}`);
  console.log(`idle connection, each second     ${us(costs.idle)}`);
  console.log(
    `following alone takes ${LOAD} of a core at ${Math.round(lastRate(costs))} events/s\n`,
  );
  console.log(`api processes for ${MILLION} connections, each User with ${WATCHERS} watchers:`);
  const heads = PARTITIONS.map((count) => (count === 1 ? 'one log' : `${count} logs`).padStart(12));
  console.log(
    `${'events/s'.padStart(10)}${'following'.padStart(12)}${'MB/s read'.padStart(12)}${heads.join('')}`,
  );
  for (const events of RATES) {
    const found = PARTITIONS.map((partitions) =>
      processesFor(costs, { connections: MILLION, events, watchers: WATCHERS, partitions }),
    );
    const share = `${(events * costs.follow).toFixed(2)} cores`;
    const read =
      found[0] === null || found[0] === undefined ? '' : megabytes(costs, events, found[0]);
    const cells = found.map((count) => (count === null ? 'never' : String(count)).padStart(12));
    console.log(
      `${String(events).padStart(10)}${share.padStart(12)}${read.padStart(12)}${cells.join('')}`,
    );
  }
}

/** What the event store sends to all processes, in a second. */
function megabytes({ bytes }: Costs, events: number, processes: number): string {
  return ((bytes * events * processes) / 1e6).toFixed(0);
}
