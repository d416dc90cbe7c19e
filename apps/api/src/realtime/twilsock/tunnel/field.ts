/**
 * Returns a property of a JSON body, by its path; undefined if it does not exist. Inherited properties, which every
 * object has, do not count.
 */
export function field(body: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, name) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, name)
        ? Object.getOwnPropertyDescriptor(value, name)?.value
        : undefined,
    body,
  );
}
