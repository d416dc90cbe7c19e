const MOST_REMEMBERED = 1_000;

/** A pure function that answers from memory what it was asked before; of few arguments, or it forgets. */
export function remembered<Value>(of: (argument: string) => Value): (argument: string) => Value {
  const known = new Map<string, Value>();
  return (argument) => {
    const before = known.get(argument);
    if (before !== undefined) return before;
    const value = of(argument);
    if (known.size >= MOST_REMEMBERED) known.clear();
    known.set(argument, value);
    return value;
  };
}
