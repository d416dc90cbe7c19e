import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startPlain, startScript, startService, type Server } from '../realtime/server.ts';
import { programPath, startMosquitto } from './processes.ts';
import { OURS } from './results.ts';

const SOCKET_IO = fileURLToPath(new URL('programs/socket-io.ts', import.meta.url));

/** A product whose server the clients of the benches can load. */
export interface SocketContender {
  readonly name: string;
  readonly start: () => Promise<Server>;
}

/** It is killed at the end: a stop would first move thousands of clients to another node. */
export const SERVICE: SocketContender = {
  name: OURS,
  start: async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'bench-service-'));
    const server = await startService({ graceSeconds: 0, dataDir });
    return {
      ...server,
      stop: async () => {
        await server.program.kill();
        rmSync(dataDir, { recursive: true });
      },
    };
  },
};

export const SOCKET_IO_SERVER: SocketContender = {
  name: 'Socket.IO',
  start: () => startScript('Socket.IO', SOCKET_IO, 'socket.io'),
};

export const PLAIN_WS: SocketContender = { name: 'plain ws', start: startPlain };

/** The service, and what it is compared with over sockets; mosquitto where it is installed. */
export function socketContenders(): SocketContender[] {
  const mosquitto = { name: 'mosquitto', start: startMosquitto };
  const isInstalled = programPath('mosquitto') !== null;
  return [SERVICE, SOCKET_IO_SERVER, PLAIN_WS, ...(isInstalled ? [mosquitto] : [])];
}

/** Says what {@link socketContenders} leaves out. */
export function missingSocketContenders(): string[] {
  return programPath('mosquitto') === null ? ['mosquitto is not installed'] : [];
}

/** Starts all contenders, hands them over, and stops them. */
export async function withServers<Result>(
  contenders: readonly SocketContender[],
  use: (servers: readonly Server[]) => Promise<Result>,
): Promise<Result> {
  const servers: Server[] = [];
  try {
    for (const { start } of contenders) servers.push(await start());
    return await use(servers);
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}
