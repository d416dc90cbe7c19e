import { setTimeout as delay } from 'node:timers/promises';

/** Milliseconds of a monotonic clock that all processes of this machine share. */
export function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Waits until a time of the clock. Does not wait for less than a millisecond, which timers cannot meet. */
export async function waitFor(moment: number): Promise<void> {
  const left = moment - now();
  if (left > 1) await delay(left);
}

/** Calls `act` `count` times, once at a random time in each of `count` equal slots. */
export async function spread(
  count: number,
  { withinMs, random }: { readonly withinMs: number; readonly random: () => number },
  act: (index: number) => void,
): Promise<void> {
  const start = now();
  for (let index = 0; index < count; index += 1) {
    // Even times would hit the same phase of every tick.
    await waitFor(start + ((index + random()) / count) * withinMs);
    act(index);
  }
}
