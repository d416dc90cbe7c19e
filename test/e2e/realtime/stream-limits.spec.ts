import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startProgram, type Program } from '../../support/program.ts';
import {
  accessToken,
  connect,
  type StreamClient,
  type StreamOptions,
} from '../../support/stream-client.ts';
import { until } from '../../support/until.ts';

/** Longest that a client may read nothing, and some more. */
const STUCK_MS = 25_000;

describe('The limits of /stream', () => {
  let program: Program;
  let service: string;
  const clients: StreamClient[] = [];

  beforeAll(async () => {
    program = await startProgram({
      env: {
        TRUSTED_PROXIES: '1',
        CONNECTIONS_PER_ADDRESS: '3',
        CONNECTIONS_PER_USER: '2',
        FRAMES_PER_SECOND: '10',
        FRAME_BURST: '60',
        FRAME_BYTES: '65536',
        HANDSHAKE_BURST: '40',
        HANDSHAKES_PER_SECOND: '5',
        HANDSHAKE_BURST_PER_ADDRESS: '20',
        HANDSHAKES_PER_ADDRESS_PER_SECOND: '1',
        WRITE_BURST_PER_USER: '1000',
      },
    });
  });
  afterAll(() => program.stop());

  beforeEach(async () => {
    const { sid } = await program.post('/v2/Services', { FriendlyName: randomUUID() });
    service = sid;
    await program.post(`/v2/Services/${service}`, { ReachabilityEnabled: 'true' });
    await program.post(`/v2/Services/${service}/Reachability`, { GraceSeconds: '0' });
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) {
      client.terminate();
      await client.closed;
    }
  });

  /** Begins to connect, through a proxy that was called from an address. */
  function begin(identity: string, address: string, options: StreamOptions = {}): StreamClient {
    const headers = { 'x-forwarded-for': `made up, ${address}` };
    const client = connect(program, accessToken(program, service, identity), {
      headers,
      ...options,
    });
    clients.push(client);
    return client;
  }

  async function open(identity: string, address: string): Promise<StreamClient> {
    const client = begin(identity, address);
    expect(await client.next()).toMatchObject({ type: 'ready' });
    return client;
  }

  /** HTTP status that a handshake is refused with, and its Retry-After. */
  async function refusal(client: StreamClient): Promise<unknown> {
    const response = await new Promise<IncomingMessage>((resolve) => {
      client.socket.once('unexpected-response', (_, answer) => resolve(answer));
    });
    response.destroy();
    return [response.statusCode, response.headers['retry-after']];
  }

  async function metric(name: string, labels: string): Promise<number> {
    const answer = await fetch(`${program.url}/metrics`);
    const line = (await answer.text())
      .split('\n')
      .find((each) => each.startsWith(`reachability_realtime_${name}{${labels}}`));
    return Number(line?.split(' ').at(-1) ?? 0);
  }

  /** Sids of Users whose snapshots are long. */
  async function longNames(count: number): Promise<string[]> {
    const made = Array.from({ length: count }, (_, index) =>
      program.post(`/v2/Services/${service}/Users`, { Identity: `${index}`.padEnd(500, '😀') }),
    );
    return (await Promise.all(made)).map(({ sid }) => sid);
  }

  /**
   * Asks for so much that the buffers of both kernels are full and the server holds back the rest. That is so once a
   * frame is not handled any more that leaves a trace.
   */
  async function fill(client: StreamClient, users: readonly string[]): Promise<void> {
    const bindings = `/v2/Services/${service}/Users/stuck/Bindings`;
    const bound = async (): Promise<number> => {
      const { body } = await program.get(bindings);
      return Array.isArray(body['bindings']) ? body['bindings'].length : 0;
    };
    for (let round = 1; ; round += 1) {
      client.send({ type: 'watch', users });
      client.send({ type: 'bind', binding_type: 'fcm', address: `${round}` });
      const handled = until(
        'the bind',
        async () => ((await bound()) === round ? 1 : undefined),
        1_500,
      );
      if (!(await handled.then(() => true).catch(() => false))) return;
    }
  }

  it('let so many sockets of one address in, and others of other addresses', async () => {
    const first = await open('alice', '10.0.0.1');
    await open('bob', '10.0.0.1');
    await open('carol', '10.0.0.1');
    expect(await refusal(begin('dave', '10.0.0.1'))).toEqual([429, '1']);
    await open('dave', '10.0.0.2');
    first.send({ type: 'bye' });
    await first.closed;
    await until('room', async () =>
      (await metric('sockets', 'gateway="stream"')) === 3 ? true : undefined,
    );
    await open('erin', '10.0.0.1');
    expect(await metric('handshakes_total', 'result="too_many_from_address"')).toBe(1);
  });

  it('let so many Connections of one User in', async () => {
    const first = await open('alice', '10.0.1.1');
    await open('alice', '10.0.1.2');
    const third = begin('alice', '10.0.1.3');
    expect(await third.next()).toMatchObject({ type: 'error', code: 'too_many_connections' });
    expect((await third.closed).code).toBe(4429);
    first.send({ type: 'bye' });
    await first.closed;
    await open('alice', '10.0.1.4');
  });

  it('close a client with 4429 that says more than it may', async () => {
    const [loud, quiet] = [await open('loud', '10.0.2.1'), await open('quiet', '10.0.2.2')];
    for (let count = 0; count < 70; count += 1) loud.send({ type: 'ping' });
    expect((await loud.closed).code).toBe(4429);
    expect(loud.unreadFrames.filter(({ type }) => type === 'pong').length).toBeLessThanOrEqual(61);
    expect(loud.unreadFrames.at(-1)).toMatchObject({ type: 'error', code: 'too_many_requests' });
    quiet.send({ type: 'ping' });
    expect(await quiet.next()).toEqual({ type: 'pong' });
    expect(await metric('refused_total', 'gateway="stream",code="too_many_requests"')).toBe(1);
  });

  it('close a client with 1009 whose message is too long, and let one in that just fits', async () => {
    const [long, fits] = [await open('long', '10.0.3.1'), await open('fits', '10.0.3.2')];
    const message = (length: number): string =>
      `{"type":"ping","x":"${'x'.repeat(length - '{"type":"ping","x":""}'.length)}"}`;
    long.socket.send(message(65_537));
    expect((await long.closed).code).toBe(1009);
    fits.socket.send(message(65_536));
    expect(await fits.next()).toEqual({ type: 'pong' });
  });

  it(
    'close a client with 4408 that reads nothing while others read on',
    async () => {
      const reader = await open('reader', '10.0.4.1');
      await reader.watch('reader', 'bob');
      const stuck = await open('stuck', '10.0.4.2');
      const users = await longNames(500);
      stuck.socket.pause();
      await fill(stuck, users);
      const alive = setInterval(() => stuck.send({ type: 'ping' }), 1_000);
      try {
        await until(
          'the stuck client to be given up',
          async () =>
            (await metric('slow_closes_total', 'gateway="stream"')) === 1 ? 1 : undefined,
          STUCK_MS,
        );
      } finally {
        clearInterval(alive);
      }
      stuck.socket.resume();
      expect([4408, 1006]).toContain((await stuck.closed).code);
      await open('bob', '10.0.4.3');
      expect(await reader.next()).toMatchObject({ type: 'change', is_online: null });
      expect(await reader.next()).toMatchObject({ type: 'change', is_online: true });
    },
    STUCK_MS * 2,
  );

  it('keep an address that has no token from spending the handshakes of others', async () => {
    const sent = 80;
    const startedAt = performance.now();
    const results = await Promise.all(
      Array.from({ length: sent }, async () => {
        const client = begin('mallory', '10.1.0.1', { path: '/stream?token=wrong' });
        return Promise.race([refusal(client), client.next()]);
      }),
    );
    const refused = results.filter((result) => Array.isArray(result));
    expect(new Set(refused.map(String))).toEqual(new Set(['429,1']));
    const seconds = (performance.now() - startedAt) / 1_000;
    expect(
      await metric('handshakes_total', 'result="too_fast_from_address"'),
    ).toBeGreaterThanOrEqual(sent - 20 - Math.ceil(seconds));
    await Promise.all(
      Array.from({ length: 20 }, (_, index) => open(`honest-${index}`, `10.1.1.${index}`)),
    );
  });

  it('refuse valid handshakes that come too fast, and take them again after the time in the answer', async () => {
    const sent = 80;
    const startedAt = performance.now();
    const answers = await Promise.all(
      Array.from({ length: sent }, (_, index) => begin(`user-${index}`, `10.2.0.${index}`).next()),
    );
    const refused = answers.filter(({ type }) => type === 'error');
    const seconds = (performance.now() - startedAt) / 1_000;
    expect(refused.length).toBeGreaterThanOrEqual(sent - 40 - Math.ceil(5 * seconds));
    for (const answer of refused) {
      expect(answer).toMatchObject({ code: 'too_many_handshakes', retry_after_ms: 1_000 });
    }
    await until('a token in the bucket', async () => {
      const answer = await begin('late', '10.2.1.1').next();
      return answer['type'] === 'ready' ? true : undefined;
    });
  });
});
