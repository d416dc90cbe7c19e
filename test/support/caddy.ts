import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from './free-ports.ts';
import { until } from './until.ts';

/** A running Caddy. */
export interface Caddy {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** Whether Caddy is installed. */
export function hasCaddy(): boolean {
  return spawnSync('caddy', ['version']).status === 0;
}

/** Starts Caddy with a Caddyfile that takes SITE and UPSTREAMS, on a free port of 127.0.0.1. */
export async function startCaddy(file: string, upstreams: readonly string[]): Promise<Caddy> {
  const folder = mkdtempSync(join(tmpdir(), 'caddy-'));
  const [port = 0] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const child = spawn('caddy', ['run', '--adapter', 'caddyfile', '--config', file], {
    stdio: 'ignore',
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      CADDY_ADMIN: `unix/${join(folder, 'admin')}`,
      SITE: url,
      UPSTREAMS: upstreams.join(' '),
    },
  });
  const exited = once(child, 'exit');
  const stop = async () => {
    child.kill();
    await exited;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await until('Caddy to listen', async () => {
      if (child.exitCode !== null) throw new Error(`Caddy ended with ${child.exitCode}`);
      return fetch(url).then(
        () => true as const,
        () => undefined,
      );
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, stop };
}
