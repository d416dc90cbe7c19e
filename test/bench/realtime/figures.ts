/** The value that a share `p` (0 to 1) of the values does not exceed; NaN for an empty list. */
export function percentile(values: Iterable<number>, p: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)] ?? Number.NaN;
}

/** Prints one figure, its aim, and whether it is met. */
export function printFigure(what: string, measured: string, aim: string, met: boolean): void {
  console.log(
    `${what.padEnd(54)}  ${measured.padEnd(44)}  aim ${aim.padEnd(20)}  ${met ? 'met' : 'MISSED'}`,
  );
}

export function ms(value: number): string {
  return `${value.toFixed(value < 10 ? 2 : 0)} ms`;
}
