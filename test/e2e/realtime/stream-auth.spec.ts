import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { textOf } from '../../support/fields.ts';
import { mintToken } from '../../support/mint-token.ts';
import { startProgram, type Program } from '../../support/program.ts';
import { connect, type StreamClient } from '../../support/stream-client.ts';

describe('A client of /stream that sends its token in the first frame', () => {
  let program: Program;
  let service: string;
  const clients: StreamClient[] = [];

  beforeAll(async () => {
    program = await startProgram();
    service = (await program.post('/v2/Services', { FriendlyName: 'x' })).sid;
    await program.post(`/v2/Services/${service}`, { ReachabilityEnabled: 'true' });
    await program.post(`/v2/Services/${service}/Reachability`, { GraceSeconds: '60' });
  });
  afterAll(() => program.stop());
  afterEach(() => {
    for (const client of clients.splice(0)) client.terminate();
  });

  const token = (): string => mintToken(program.credentials, service, 'alice');

  /** Opens a socket without a token, and sends these messages. */
  function begin(...messages: readonly string[]): StreamClient {
    const client = connect(program, '', { path: '/stream' });
    clients.push(client);
    client.socket.once('open', () => {
      for (const message of messages) client.socket.send(message);
    });
    return client;
  }

  const auth = (more: object = {}): string =>
    JSON.stringify({ type: 'auth', token: token(), ...more });

  async function expectRefused(client: StreamClient, code: unknown, close: number) {
    expect(await client.next()).toMatchObject({ type: 'error', code });
    expect((await client.closed).code).toBe(close);
  }

  it('is let in, and its further frames are read', async () => {
    const client = begin(auth({ device_id: 'phone' }));
    const ready = await client.next();
    expect(ready).toMatchObject({ type: 'ready', identity: 'alice', resumed: false });
    expect(await client.watch('alice')).toMatchObject({ users: [{ is_online: true }] });
    const sid = textOf(ready, 'connection_sid');
    const path = `/v2/Services/${service}/Users/alice/Connections/${sid}`;
    expect((await program.get(path)).body).toMatchObject({ device_id: 'phone' });
  });

  it('resumes its Connection with the same frame', async () => {
    const client = begin(auth());
    const resume = textOf(await client.next(), 'connection_sid');
    const since = textOf(await client.watch('alice'), 'version');
    client.terminate();
    const resumed = begin(auth({ resume, since }));
    expect(await resumed.next()).toMatchObject({ type: 'ready', resumed: true });
  });

  it('is refused as in a URL if the token is not valid', async () => {
    await expectRefused(begin(JSON.stringify({ type: 'auth', token: 'x' })), 20101, 4401);
  });

  it.each([
    ['another frame of the protocol', '{"type":"ping"}'],
    ['no JSON', 'token'],
    ['an auth frame without a token', '{"type":"auth"}'],
    ['a frame that is too long', JSON.stringify({ type: 'auth', token: 'x'.repeat(20_000) })],
  ])('is refused if the first frame is %s', async (_, message) => {
    await expectRefused(begin(message), 'bad_frame', 4400);
  });

  it('is disconnected, to come back later, if it sends nothing', async () => {
    await expectRefused(begin(), 'auth_timeout', 4408);
  });
});
