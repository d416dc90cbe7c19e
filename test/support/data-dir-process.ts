import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('../fixtures/data-dir-process.ts', import.meta.url));

/** A process on a DATA_DIR; see `test/fixtures/data-dir-process.ts`. */
export interface DataDirProcess {
  /** Lets a waiting process continue. */
  proceed(): void;
  /** The next line of its output, parsed as JSON. */
  next(): Promise<unknown>;
  /** Kills it with SIGKILL. */
  kill(): Promise<void>;
}

/** Starts a process and waits until it is ready. */
export async function startDataDirProcess(
  action: 'credentials' | 'slot' | 'folder',
  dir: string,
): Promise<DataDirProcess> {
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
    proceed: () => child.stdin.write('\n'),
    next,
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
