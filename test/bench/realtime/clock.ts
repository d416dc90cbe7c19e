import { setTimeout as delay } from 'node:timers/promises';

/** Milliseconds by a clock that all processes of this machine share and nobody sets. */
export function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Waits for a moment of the clock, unless it is past or but a millisecond away, which no timer meets. */
export async function waitFor(moment: number): Promise<void> {
  const left = moment - now();
  if (left > 1) await delay(left);
}

/** Does something so many times, at random moments of a time that is divided evenly among them. */
export async function spread(
  count: number,
  { withinMs, random }: { readonly withinMs: number; readonly random: () => number },
  act: (index: number) => void,
): Promise<void> {
  const start = now();
  for (let index = 0; index < count; index += 1) {
    // Not at even times, which would meet the same moment of every tick.
    await waitFor(start + ((index + random()) / count) * withinMs);
    act(index);
  }
}
