/** Stands for a time in which a source gave nothing. */
export const QUIET = Symbol('quiet');

/**
 * Yields the items of a source, and {@link QUIET} each time that it has given none for `quietMs`. Who leaves at
 * {@link QUIET} must end the source first: there is no other way to leave one that waits for its next item.
 */
export async function* withQuiet<T>(
  source: AsyncGenerator<T, void>,
  quietMs: number,
): AsyncGenerator<T | typeof QUIET, void> {
  try {
    let next = source.next();
    for (;;) {
      const result = await orQuiet(next, quietMs);
      if (result === QUIET) {
        yield QUIET;
        continue;
      }
      if (result.done === true) return;
      yield result.value;
      next = source.next();
    }
  } finally {
    await source.return();
  }
}

async function orQuiet<T>(promise: Promise<T>, quietMs: number): Promise<T | typeof QUIET> {
  const quiet = Promise.withResolvers<typeof QUIET>();
  const timer = setTimeout(() => quiet.resolve(QUIET), quietMs);
  try {
    return await Promise.race([promise, quiet.promise]);
  } finally {
    clearTimeout(timer);
  }
}
