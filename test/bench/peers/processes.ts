import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { freePorts } from '../../support/free-ports.ts';
import { until } from '../../support/until.ts';
import { cpuSeconds, type Server } from '../realtime/server.ts';

/** Where Debian's packages put servers, which is not on the PATH of every user. */
const SYSTEM_FOLDERS = ['/usr/sbin', '/usr/local/sbin'];

/** A server of another product that runs. */
export interface PeerProcess {
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Path of an installed program; null without it. */
export function programPath(name: string): string | null {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...SYSTEM_FOLDERS];
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file)) ?? null;
}

/** Starts Redis without persistence. @throws Error if it is not installed */
export async function startRedis(): Promise<PeerProcess> {
  const [port = 0] = await freePorts(1);
  const options = ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  return startPeer('redis-server', ['--port', String(port), ...options], port);
}

/** Starts mosquitto as a server of a bench, whose clients speak MQTT. @throws Error if it is not installed */
export async function startMosquitto(): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-mosquitto-'));
  const [port = 0] = await freePorts(1);
  const file = join(folder, 'mosquitto.conf');
  const settings = ['allow_anonymous true', 'persistence false', 'set_tcp_nodelay true'];
  // It drops its rights if root starts it, and may then not read the file.
  const lines = [`listener ${port} 127.0.0.1`, 'user root', 'log_type none', ...settings];
  writeFileSync(file, `${lines.join('\n')}\n`);
  const peer = await startPeer('mosquitto', ['-c', file], port);
  return {
    name: 'mosquitto',
    target: { port, access: null, wire: 'mqtt' },
    pid: peer.pid,
    program: null,
    stop: async () => {
      await peer.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

/** CPU time of a process and its children so far, in seconds. */
export function cpuSecondsOfTree(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  const pids = children === '' ? [] : children.split(' ').map(Number);
  return pids.reduce((sum, child) => sum + cpuSeconds(child), cpuSeconds(pid));
}

/** Stops a child process. */
export async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

async function startPeer(
  name: string,
  args: readonly string[],
  port: number,
): Promise<PeerProcess> {
  const path = programPath(name);
  if (path === null) throw new Error(`${name} is not installed`);
  const child = spawn(path, args, { stdio: 'ignore' });
  await until(name, () => accepts(port));
  return { port, pid: child.pid ?? 0, stop: () => endProcess(child) };
}

function accepts(port: number): Promise<true | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(undefined));
  });
}
