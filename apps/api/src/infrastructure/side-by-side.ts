/**
 * Does something with each item, with so many at a time: enough for stores to commit them in groups, few enough to
 * leave the event loop to others in between.
 */
export async function sideBySide<T>(
  items: readonly T[],
  most: number,
  task: (item: T) => Promise<void>,
): Promise<void> {
  const rest = items.values();
  const work = async (): Promise<void> => {
    for (const item of rest) await task(item);
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, work));
}
