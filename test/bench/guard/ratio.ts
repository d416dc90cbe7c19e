/** Processor time of some operations. */
export interface Work {
  readonly operations: number;
  readonly cpuSeconds: number;
}

/** What a ratio is made of. Each call does the work once. */
export interface Compared {
  readonly ours: () => Promise<Work>;
  readonly bare: () => Promise<Work>;
}

/**
 * Returns the processor time of an operation of the bare baseline, as a share of that of the service: 0.5 says that the service needs
 * twice as much. They take turns. Processor time hardly depends on what else the machine does, and less so the ratio of two.
 */
export async function ratioOf({ ours, bare }: Compared, rounds: number): Promise<number> {
  const total = { ours: { operations: 0, cpuSeconds: 0 }, bare: { operations: 0, cpuSeconds: 0 } };
  await bare();
  await ours();
  for (let round = 0; round < rounds; round += 1) {
    add(total.bare, await bare());
    add(total.ours, await ours());
  }
  return eachOf(total.bare) / eachOf(total.ours);
}

function add(total: { operations: number; cpuSeconds: number }, work: Work): void {
  total.operations += work.operations;
  total.cpuSeconds += work.cpuSeconds;
}

const eachOf = ({ operations, cpuSeconds }: Work): number => cpuSeconds / operations;
