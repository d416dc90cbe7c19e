import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Credentials } from './api.ts';

const MAIN = resolve(import.meta.dirname, '../../dist/apps/api/src/main.js');

export interface TemporaryServer {
  readonly url: string;
  readonly credentials: Credentials;
  /** Ends the server and removes its data. */
  stop(): Promise<void>;
}

/**
 * Starts the built service on a free port of 127.0.0.1 with a data directory of its own.
 *
 * @throws Error when it ends before it listens
 */
export async function startTemporaryServer(): Promise<TemporaryServer> {
  const dataDir = mkdtempSync(join(tmpdir(), 'reachability-demo-'));
  const child = spawn(process.execPath, [MAIN], {
    env: { PATH: process.env['PATH'], PORT: '0', DATA_DIR: dataDir, LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGTERM');
    await exited;
    rmSync(dataDir, { recursive: true, force: true });
  };
  const said = new Map<string, string>();
  for await (const line of createInterface({ input: child.stdout })) {
    const [, name, value] = /(listening on |ACCOUNT_SID=|AUTH_TOKEN=)(\S+)/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) said.set(name, value);
    const url = said.get('listening on ');
    const username = said.get('ACCOUNT_SID=');
    const password = said.get('AUTH_TOKEN=');
    if (url !== undefined && username !== undefined && password !== undefined) {
      return { url, credentials: { username, password }, stop };
    }
  }
  await stop();
  throw new Error('The server did not start');
}
