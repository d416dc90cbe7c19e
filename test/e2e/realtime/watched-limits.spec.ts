import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { userSid } from '#domain';
import { userMapSid } from '../../../apps/api/src/realtime/twilsock/map-sids.ts';
import { eventsOf, RawClient } from '../../conformance/twilsock/raw-client.ts';
import { fieldsOf, textOf } from '../../support/fields.ts';
import { startProgram, type Program } from '../../support/program.ts';
import { accessToken, connect, type StreamClient } from '../../support/stream-client.ts';
import { until } from '../../support/until.ts';

/** Users that all sockets of a User may watch together. */
const WATCHED = 6;
/** Look-ups at once, and then one each second. */
const BURST = 20;

describe('Over all its sockets, a User', () => {
  let program: Program;
  let service: string;
  const sockets: { terminate(): void }[] = [];

  beforeAll(async () => {
    program = await startProgram({
      env: {
        WATCHED_USERS_PER_USER: `${WATCHED}`,
        WATCHED_USERS: '5',
        LOOKUP_BURST_PER_USER: `${BURST}`,
        LOOKUPS_PER_USER_PER_SECOND: '1',
      },
    });
  });
  afterAll(async () => {
    expect(await program.stop()).toBe(0);
  });
  beforeEach(async () => {
    service = (await program.post('/v2/Services', { FriendlyName: 'Limits' })).sid;
    await program.post(`/v2/Services/${service}/Reachability`, { GraceSeconds: '60' });
  });
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.terminate();
  });

  const begin = (identity: string, query = ''): StreamClient => {
    const token = accessToken(program, service, identity);
    const client = connect(program, token, { path: `/stream?token=${token}${query}` });
    sockets.push(client);
    return client;
  };
  async function open(identity = 'alice') {
    const client = begin(identity);
    const ready = await client.next();
    expect(ready['type']).toBe('ready');
    return { client, connection: textOf(ready, 'connection_sid') };
  }
  async function openSdk(identity = 'alice'): Promise<RawClient> {
    const { client } = await RawClient.init(program, accessToken(program, service, identity));
    sockets.push(client.socket);
    return client;
  }
  const names = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => `user-${from + index}`);
  const mapOf = (identity: string) => userMapSid(userSid(service, identity));
  const watchFrame = (users: readonly string[]) => ({ type: 'watch', id: 1, users });

  it('watches so many Users, and no more on another socket', async () => {
    const [one, two] = [(await open()).client, (await open()).client];
    expect((await one.watch(...names(0, 4)))['unknown']).toHaveLength(4);
    two.send(watchFrame(names(4, 8)));
    expect(await two.next()).toEqual({
      type: 'error',
      id: 1,
      code: 'too_many_watched',
      message: `At most ${WATCHED} Users can be watched over all connections of a User`,
      users: ['user-6', 'user-7'],
    });
    expect(await two.next()).toMatchObject({ type: 'snapshot', unknown: ['user-4', 'user-5'] });
    expect((await (await open('bob')).client.watch(...names(0, 5)))['unknown']).toHaveLength(5);
    one.send({ type: 'unwatch', id: 2, users: names(0, 1) });
    expect(await one.next()).toEqual({ type: 'unwatched', id: 2 });
    expect((await two.watch('user-6'))['unknown']).toEqual(['user-6']);
    one.send({ type: 'bye' });
    await one.closed;
    expect((await two.watch('user-7', 'user-8'))['unknown']).toHaveLength(2);
  });

  it('shares that number between both protocols', async () => {
    for (const identity of names(0, 3)) {
      await program.post(`/v2/Services/${service}/Users`, { Identity: identity });
    }
    const { client } = await open();
    await client.watch('a', 'b', 'c', 'd');
    const sdk = await openSdk();
    for (const identity of names(0, 2)) {
      const { payload } = await sdk.subscribe(mapOf(identity));
      expect(payload['event_type']).toBe('subscription_established');
    }
    const failed = await sdk.subscribe(mapOf('user-2'));
    expect(failed.payload['event_type']).toBe('subscription_failed');
    expect(fieldsOf(eventsOf(failed)[0]?.['error'])).toMatchObject({ status: 429, code: 20429 });
    sdk.socket.terminate();
    await until('room for another', async () => {
      client.send(watchFrame(['e']));
      return (await client.next())['type'] === 'snapshot' ? true : undefined;
    });
  });

  it('looks up so many names, by watch and get, whether or not they exist', async () => {
    const [{ client: one, connection }, { client: two }] = [await open(), await open()];
    await one.watch(...names(0, 3));
    // Names on the watch-list, and the own User, are free.
    for (let count = 0; count < BURST; count += 1) {
      await one.watch(...names(0, 3));
      two.send({ type: 'get', user: 'alice' });
      expect(await two.next()).toMatchObject({ type: 'user' });
    }
    // Sent together: the server handles them faster than look-ups become free again.
    const guesses = names(100, 100 + 7 * BURST);
    for (const user of guesses) two.send({ type: 'get', user });
    two.send(watchFrame(names(10, 13)));
    const answers = [];
    for (let count = 0; count < guesses.length; count += 1) answers.push(await two.next());
    expect(answers.slice(0, BURST - 3).map(({ code }) => code)).toEqual(
      Array.from({ length: BURST - 3 }, () => 'not_found'),
    );
    expect(answers.at(-1)).toMatchObject({ code: 'too_many_lookups', retry_after_ms: 1_000 });
    const watch = await two.next();
    expect(watch).toMatchObject({ type: 'error', id: 1, code: 'too_many_lookups' });
    expect(watch['users']).toBeUndefined();
    expect(Number(watch['retry_after_ms'])).toBeGreaterThan(0);
    one.terminate();
    const resumed = begin('alice', `&resume=${connection}`);
    expect(await resumed.next()).toMatchObject({ type: 'ready', resumed: true });
    expect(await resumed.next()).toEqual({ type: 'resync', reason: 'gap' });
    expect((await resumed.next())['unknown']).toHaveLength(3);
    const { client: bob } = await open('bob');
    expect(await bob.watch('user-0')).toMatchObject({ unknown: ['user-0'] });
  });

  it('looks up names over Twilsock within the same budget, and is told when to try again', async () => {
    const sdk = await openSdk();
    const paths = [`/v1/Services/${service}/Users/guess`, `/v3/Maps/${mapOf('guess')}`];
    const requestOf = (path: string) => ({
      method: 'message',
      active_grant: 'ip_messaging',
      http_request: { method: 'GET', path },
    });
    for (let count = 0; ; count += 1) {
      const { header, payload } = await sdk.ask(requestOf(paths[count % 2] ?? ''));
      const { code } = fieldsOf(header['http_status']);
      if (code === 404) continue;
      expect({ code, error: payload['code'], headers: header['http_headers'] }).toEqual({
        code: 429,
        error: 20429,
        headers: { 'Retry-After': '1' },
      });
      expect(count).toBeGreaterThanOrEqual(BURST);
      break;
    }
    const own = await sdk.request({ method: 'GET', path: `/v3/Maps/${mapOf('alice')}` });
    expect(own.status).toBe(200);
  });
});
