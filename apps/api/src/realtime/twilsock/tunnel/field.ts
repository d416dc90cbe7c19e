/**
 * A property of a JSON body, and of objects in it; undefined where there is none. Only what was sent counts:
 * nothing that every object has.
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
