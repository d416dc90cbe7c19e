import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { RawClient } from '../../conformance/twilsock/raw-client.ts';
import { Cli } from '../../support/cli.ts';
import { fieldsOf, textOf } from '../../support/fields.ts';
import { mintToken } from '../../support/mint-token.ts';
import type { Program } from '../../support/program.ts';
import { Programs } from '../../support/programs.ts';
import { connect, type StreamClient } from '../../support/stream-client.ts';
import { until } from '../../support/until.ts';

const REVOKED = 20101;

describe('Access tokens', () => {
  const programs = new Programs();
  let one: Program;
  let two: Program;
  let service: string;
  const clients: (StreamClient | RawClient)[] = [];

  beforeAll(async () => {
    one = await programs.start();
    two = await programs.start({ env: { ROLE: 'api' } });
  });
  afterAll(() => programs.end());

  beforeEach(async () => {
    service = (await one.post('/v2/Services', { FriendlyName: 'x' })).sid;
    await one.post(`/v2/Services/${service}`, { ReachabilityEnabled: 'true' });
    await one.post(`/v2/Services/${service}/Reachability`, { GraceSeconds: '60' });
  });
  afterEach(() => {
    for (const { socket } of clients.splice(0)) socket.terminate();
  });

  /** A token issued a minute ago, or one issued in a minute: tests need not wait for the next second. */
  function token(age: 'old' | 'new', identity = 'alice'): string {
    const iat = Math.floor(Date.now() / 1_000) + (age === 'old' ? -60 : 60);
    return mintToken(one.credentials, service, identity, 3_600, { iat });
  }

  const pathOf = (identity = 'alice') => `/v2/Services/${service}/Users/${identity}`;
  const revoke = (program = one) => program.post(`${pathOf()}/Reachability/Revocations`, {});

  function begin(withToken: string, query = '', program = one): StreamClient {
    const client = connect(program, withToken, { path: `/stream?token=${withToken}${query}` });
    clients.push(client);
    return client;
  }

  async function open(withToken: string, program = one) {
    const client = begin(withToken, '', program);
    const ready = await client.next();
    expect(ready['type']).toBe('ready');
    return { client, connection: textOf(ready, 'connection_sid') };
  }

  async function expectRefused(client: StreamClient): Promise<void> {
    expect(await client.next()).toMatchObject({ type: 'error', code: REVOKED });
    expect((await client.closed).code).toBe(4401);
  }

  async function init(withToken: string, fields: object = {}, program = one) {
    const inited = await RawClient.init(program, withToken, fields);
    clients.push(inited.client);
    return inited;
  }

  async function whenOffline(): Promise<void> {
    await until('the User to be offline', async () =>
      (await one.get(pathOf())).body['is_online'] === false ? true : undefined,
    );
  }

  it('are revoked by a request that answers from when on tokens count again', async () => {
    await one.post(`/v2/Services/${service}/Users`, { Identity: 'alice' });
    const before = Date.now();
    const answer = await revoke();
    expect(answer.status).toBe(201);
    const { body } = answer;
    expect(body).toMatchObject({ account_sid: one.credentials.accountSid, service_sid: service });
    const revokedAt = Date.parse(textOf(body, 'revoked_at'));
    expect(revokedAt).toBeGreaterThanOrEqual(before);
    const acceptedFrom = Date.parse(textOf(body, 'tokens_issued_before'));
    expect(acceptedFrom).toBe((Math.floor(revokedAt / 1_000) + 1) * 1_000);
  });

  it('are revoked by the CLI, too, while a server runs', async () => {
    const { client } = await open(token('old'));
    const cli = new Cli(programs.dataDir);
    const json = await cli.json('users', 'revoke-tokens', 'alice', '--service', service);
    expect(json).toMatchObject({ service_sid: service, user_sid: (await one.get(pathOf())).sid });
    expect((await client.closed).code).toBe(4401);
    await expectRefused(begin(token('old')));
  });

  it('of an unknown User cannot be revoked', async () => {
    expect((await revoke()).status).toBe(404);
  });

  it('end the sockets of their User in both protocols and on every node when they are revoked', async () => {
    const sockets = [(await open(token('old'))).client, (await open(token('old'), two)).client];
    const sdks = [await init(token('old')), await init(token('old'), {}, two)];
    const bystander = await open(token('old', 'bob'));
    await revoke();
    for (const socket of sockets) {
      expect(await socket.closed).toEqual({ code: 4401, reason: 'token revoked' });
    }
    for (const { client } of sdks) expect(await client.closed).toBe(4401);
    await whenOffline();
    expect(await bystander.client.watch('bob')).toMatchObject({ users: [{ is_online: true }] });
  });

  it('leave Connections alone that a gateway opened over HTTP', async () => {
    await one.post(`/v2/Services/${service}/Users`, { Identity: 'alice' });
    await one.post(`${pathOf()}/Connections`, {});
    await revoke();
    expect((await one.get(pathOf())).body['is_online']).toBe(true);
  });

  it('that were revoked open no socket on any node, and newer ones do', async () => {
    await open(token('old'));
    await revoke();
    for (const program of [one, two]) {
      await expectRefused(begin(token('old'), '', program));
      const { reply } = await init(token('old'), {}, program);
      expect(fieldsOf(reply.header['status'])).toMatchObject({ code: 401, errorCode: REVOKED });
      await open(token('new'), program);
      const accepted = await init(token('new'), {}, program);
      expect(fieldsOf(accepted.reply.header['status'])).toMatchObject({ code: 200 });
    }
  });

  it('that do not say when they were issued are refused once there is a revocation', async () => {
    const undated = (): string =>
      mintToken(one.credentials, service, 'alice', 3_600, { iat: undefined, jti: 'x' });
    await open(undated());
    await revoke();
    await expectRefused(begin(undated()));
  });

  it('that were revoked renew no session', async () => {
    await open(token('old'));
    await revoke();
    const { client } = await open(token('new'));
    client.send({ type: 'token', id: 1, token: token('old') });
    expect(await client.next()).toMatchObject({ type: 'error', id: 1, code: REVOKED });
    client.send({ type: 'token', id: 2, token: token('new') });
    expect(await client.next()).toMatchObject({ type: 'token_accepted', id: 2 });
    const sdk = (await init(token('new'))).client;
    const refused = await sdk.ask({ method: 'update', token: token('old') });
    expect(fieldsOf(refused.header['status'])).toMatchObject({ errorCode: REVOKED });
    const renewed = await sdk.ask({ method: 'update', token: token('new') });
    expect(fieldsOf(renewed.header['status'])).toMatchObject({ code: 200 });
  });

  it('that were revoked resume no session, and a newer one opens another', async () => {
    const { client, connection } = await open(token('old'));
    const sdk = await init(token('old'));
    client.terminate();
    sdk.client.socket.terminate();
    await revoke();
    await expectRefused(begin(token('old'), `&resume=${connection}`));
    const continuation = { continuation_token: sdk.reply.header['continuation_token'] };
    const { reply } = await init(token('old'), continuation);
    expect(fieldsOf(reply.header['status'])).toMatchObject({ code: 401, errorCode: REVOKED });
    const resumed = begin(token('new'), `&resume=${connection}`);
    expect(await resumed.next()).toMatchObject({ type: 'ready', resumed: false });
  });

  it('that were revoked do not resume a session of a newer one', async () => {
    await open(token('old'));
    await revoke();
    const { client, connection } = await open(token('new'));
    client.terminate();
    await expectRefused(begin(token('old'), `&resume=${connection}`));
    const resumed = begin(token('new'), `&resume=${connection}`);
    expect(await resumed.next()).toMatchObject({ type: 'ready', resumed: true });
  });

  it('of a deleted User do not create it again, and newer ones do', async () => {
    const { client } = await open(token('old'));
    await one.delete(pathOf());
    expect((await client.closed).code).toBe(4410);
    for (const program of [one, two]) await expectRefused(begin(token('old'), '', program));
    expect((await one.get(pathOf())).status).toBe(404);
    await one.post(`/v2/Services/${service}/Users`, { Identity: 'alice' });
    await expectRefused(begin(token('old')));
    await open(token('new'));
    expect((await one.get(pathOf())).body['is_online']).toBe(true);
  });
});
