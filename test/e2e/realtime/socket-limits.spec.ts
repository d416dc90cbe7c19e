import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { connect as connectTcp, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from '@jest/globals';
import { startProgram, type Program } from '../../support/program.ts';
import { accessToken, connect } from '../../support/stream-client.ts';
import { until } from '../../support/until.ts';

describe('A server whose sockets are taken', () => {
  let program: Program | null = null;
  const sockets: Socket[] = [];

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await program?.stop();
  });

  const start = async (env: Readonly<Record<string, string>>): Promise<Program> => {
    program = await startProgram({ env });
    return program;
  };

  /** Opens sockets that say nothing. */
  async function occupy({ url }: Program, count: number): Promise<void> {
    const { hostname, port } = new URL(url);
    await Promise.all(
      Array.from({ length: count }, async () => {
        const socket = connectTcp(Number(port), hostname);
        socket.on('error', () => undefined);
        socket.resume();
        sockets.push(socket);
        await once(socket, 'connect');
      }),
    );
  }

  /** Status and Retry-After of a request on a socket of its own. */
  async function ask({ url }: Program, path: string): Promise<readonly unknown[]> {
    const request = get(`${url}${path}`, { agent: false });
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request.on('response', resolve).on('error', reject);
    });
    await text(response);
    return [response.statusCode, response.headers['retry-after']];
  }

  async function upgrade(server: Program): Promise<number | undefined> {
    const { socket } = connect(server, 'none');
    const response = await new Promise<IncomingMessage>((resolve) => {
      socket.once('unexpected-response', (_, answer) => resolve(answer));
    });
    response.destroy();
    return response.statusCode;
  }

  it('refuses others, answers health checks, and serves those that are connected', async () => {
    const server = await start({ MAX_SOCKETS: '20' });
    const { sid } = await server.post('/v2/Services', { FriendlyName: 'Full' });
    const client = connect(server, accessToken(server, sid, 'alice'));
    expect(await client.next()).toMatchObject({ type: 'ready' });
    await occupy(server, 80);
    expect(await ask(server, '/v2/Services')).toEqual([503, '1']);
    expect(await ask(server, '/metrics')).toEqual([503, '1']);
    expect(await ask(server, '/health/live')).toEqual([200, undefined]);
    expect(await ask(server, '/health/ready')).toEqual([200, undefined]);
    expect(await upgrade(server)).toBe(503);
    client.send({ type: 'ping' });
    expect(await client.next()).toEqual({ type: 'pong' });
    for (const socket of sockets.splice(0)) socket.destroy();
    await until('room', async () =>
      (await ask(server, '/v2/Services'))[0] === 401 ? true : undefined,
    );
    const { text: metrics } = await server.get('/metrics');
    expect(metrics).toMatch(/^reachability_http_sockets_max 20$/m);
    expect(metrics).toMatch(
      /^reachability_http_sockets_refused_total\{reason="too_many_sockets"\} \d\d/m,
    );
    client.terminate();
  });

  it('refuses an address that has its share, in HTTP and WebSocket', async () => {
    const server = await start({ CONNECTIONS_PER_ADDRESS: '10' });
    await occupy(server, 20);
    expect(await ask(server, '/v2/Services')).toEqual([429, '1']);
    expect(await upgrade(server)).toBe(429);
    expect(await ask(server, '/health/live')).toEqual([200, undefined]);
  });

  it('counts the WebSockets of an address that have not shown a token yet', async () => {
    const server = await start({ CONNECTIONS_PER_ADDRESS: '3', TRUSTED_PROXIES: '1' });
    const open = (address: string) => {
      const { socket } = connect(server, '', {
        path: '/stream',
        headers: { 'x-forwarded-for': address },
      });
      return new Promise<number>((resolve) => {
        socket.once('open', () => resolve(101));
        socket.once('unexpected-response', (_, answer) => {
          answer.destroy();
          resolve(answer.statusCode ?? 0);
        });
      });
    };
    // Each waits for a token for 5 seconds: on a slow machine the first may be gone when the fourth comes.
    await until('one too many', async () => ((await open('10.0.0.1')) === 429 ? true : undefined));
    expect(await open('10.0.0.2')).toBe(101);
    await until('room after those without a token', async () =>
      (await open('10.0.0.1')) === 101 ? true : undefined,
    );
  });

  it('does not count the HTTP sockets of a trusted proxy for an address', async () => {
    const server = await start({ CONNECTIONS_PER_ADDRESS: '10', TRUSTED_PROXIES: '1' });
    await occupy(server, 20);
    expect((await ask(server, '/v2/Services'))[0]).toBe(401);
  });

  it('closes those beyond the limit that send nothing', async () => {
    const server = await start({ MAX_SOCKETS: '1' });
    await occupy(server, 30);
    await until('the refused sockets to be closed', () =>
      sockets.filter(({ readyState }) => readyState !== 'open').length >= 20 ? true : undefined,
    );
  });
});
