const waiting: (() => void)[] = [];

/**
 * Resolves in a later turn of the event loop, in which no other caller resolves. A request that takes long is divided by
 * it into steps, between which the event loop serves others. Steps of several requests do not add up: each has a turn.
 */
export function ownTurn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (waiting.length === 1) setImmediate(resolveNext);
  });
}

function resolveNext(): void {
  waiting[0]?.();
  waiting.shift();
  if (waiting.length > 0) setImmediate(resolveNext);
}
