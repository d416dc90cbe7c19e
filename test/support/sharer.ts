import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('../fixtures/data-dir-sharer.ts', import.meta.url));

/** A process on a DATA_DIR; see `test/fixtures/data-dir-sharer.ts` for what it does. */
export interface Sharer {
  /** Lets one that waits go on. */
  go(): void;
  /** The next line that it prints, as JSON. */
  next(): Promise<unknown>;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
}

/** Starts a process and waits until it runs. */
export async function startSharer(action: 'credentials' | 'slot', dir: string): Promise<Sharer> {
  const child = spawn(process.execPath, ['--conditions=source', SCRIPT, action, dir], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const exited = once(child, 'exit');
  process.once('exit', () => child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<unknown> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error('The process has ended');
    return JSON.parse(value) as unknown;
  };
  await next();
  return {
    go: () => child.stdin.write('\n'),
    next,
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
