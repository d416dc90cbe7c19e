/** Ends a check: the release is not as it must be. The message is one line, which names the file. */
export class CheckError extends Error {
  override readonly name = 'CheckError';
}

/** What a check found, in a few words. Where it was skipped, they say why. */
export interface Outcome {
  readonly status: 'passed' | 'skipped';
  readonly detail: string;
}

/** A condition of a release. */
export interface Check {
  readonly name: string;
  /** @throws CheckError, or the error of a command that failed */
  readonly run: () => Outcome | Promise<Outcome>;
}

/** Numbers of checks by their result. */
export interface Summary {
  passed: number;
  skipped: number;
  failed: number;
}

export const passed = (detail: string): Outcome => ({ status: 'passed', detail });
export const skipped = (detail: string): Outcome => ({ status: 'skipped', detail });

/** Runs all checks, also after one has failed. Counts their results, and prints a line for each. */
export async function runChecks(
  checks: readonly Check[],
  summary: Summary,
  print: (line: string) => void,
): Promise<void> {
  for (const { name, run } of checks) {
    const { status, detail } = await outcomeOf(run);
    summary[status] += 1;
    print(`${status.padEnd(7)}  ${name.padEnd(10)}  ${detail}`);
  }
}

async function outcomeOf(
  run: Check['run'],
): Promise<{ readonly status: keyof Summary; readonly detail: string }> {
  try {
    return await run();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { status: 'failed', detail: message.trim().replace(/\s*\n\s*/g, '; ') };
  }
}
