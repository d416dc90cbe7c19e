const MAX_RESULTS = 1_000;

/** Caches the results of a pure function. Clears the cache after 1,000 different arguments. */
export function memoize<Value>(of: (argument: string) => Value): (argument: string) => Value {
  const results = new Map<string, Value>();
  return (argument) => {
    const known = results.get(argument);
    if (known !== undefined) return known;
    const value = of(argument);
    if (results.size >= MAX_RESULTS) results.clear();
    results.set(argument, value);
    return value;
  };
}
