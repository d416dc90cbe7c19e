import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openSqliteEventStore } from '#event-store/adapters/sqlite/index';
import type { Program } from '../../support/program.ts';
import { Programs } from '../../support/programs.ts';
import { accessToken, connect, type StreamClient } from '../../support/stream-client.ts';
import { until } from '../../support/until.ts';

describe('A process that holds sockets', () => {
  let programs: Programs;
  const clients: StreamClient[] = [];

  beforeEach(() => {
    programs = new Programs();
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.terminate();
    await programs.end();
  });

  async function newService(program: Program): Promise<string> {
    const { sid } = await program.post('/v2/Services', { FriendlyName: 'x' });
    await program.post(`/v2/Services/${sid}`, { ReachabilityEnabled: 'true' });
    return sid;
  }

  async function setGrace(program: Program, service: string, seconds: number): Promise<void> {
    const form = { GraceSeconds: String(seconds) };
    expect((await program.post(`/v2/Services/${service}/Reachability`, form)).status).toBe(200);
  }

  async function open(program: Program, service: string, identity: string): Promise<StreamClient> {
    const client = connect(program, accessToken(program, service, identity));
    clients.push(client);
    expect(await client.next()).toMatchObject({ type: 'ready' });
    return client;
  }

  async function isOnline(program: Program, service: string, identity: string): Promise<unknown> {
    const { body } = await program.get(`/v2/Services/${service}/Users/${identity}`);
    return body['is_online'];
  }

  /** Sids of the Connections that the log has opened, with the cause of their close or null. */
  async function connectionsInLog(): Promise<Map<unknown, unknown>> {
    const store = await openSqliteEventStore({ path: join(programs.dataDir, 'events.db') });
    const found = new Map<unknown, unknown>();
    for await (const { type, data } of store.readAll()) {
      const { connectionSid, cause } = data as { connectionSid?: string; cause?: string };
      if (type === 'ConnectionOpened') found.set(connectionSid, null);
      if (type === 'ConnectionClosed') found.set(connectionSid, cause);
    }
    await store.close();
    return found;
  }

  it('lets them go with 1012 when asked to end, within seconds, and closes what did not come back at its next start', async () => {
    const program = await programs.start();
    const service = await newService(program);
    await setGrace(program, service, 0);
    const sockets = await Promise.all(
      Array.from({ length: 20 }, (_, index) => open(program, service, `user-${index}`)),
    );
    sockets[0]?.socket.pause();
    const late = Array.from({ length: 10 }, (_, index) => {
      const client = connect(program, accessToken(program, service, `late-${index}`));
      clients.push(client);
      return client;
    });
    const began = Date.now();
    expect(await program.stop()).toBe(0);
    expect(Date.now() - began).toBeLessThan(5_000);
    expect(program.output.stderr).toBe('');
    const codes = await Promise.all(
      sockets.slice(1).map(async ({ closed }) => (await closed).code),
    );
    expect(new Set(codes)).toEqual(new Set([1012]));
    expect(sockets[1]?.unreadFrames.at(-1)).toMatchObject({ type: 'move' });
    await Promise.all(late.map(({ closed }) => closed));
    const left = await connectionsInLog();
    expect(left.size).toBeGreaterThanOrEqual(20);
    expect(new Set(left.values())).toEqual(new Set([null]));

    await programs.start();
    await until('their closes', async () => {
      const causes = new Set((await connectionsInLog()).values());
      return causes.has(null) ? undefined : causes;
    });
    expect(new Set((await connectionsInLog()).values())).toEqual(new Set(['node_lost']));
  });

  it('that is killed leaves Users offline, and their Connections closed as lost, at its next start', async () => {
    const first = await programs.start();
    const service = await newService(first);
    await setGrace(first, service, 0);
    await open(first, service, 'alice');
    await open(first, service, 'alice');
    await open(first, service, 'bob');
    await until('bob to be online', async () =>
      (await isOnline(first, service, 'bob')) === true ? true : undefined,
    );
    await first.kill();
    const second = await programs.start();
    const watcher = await open(second, service, 'watcher');
    for (const identity of ['alice', 'bob']) {
      await until(`${identity} to be offline`, async () =>
        (await isOnline(second, service, identity)) === false ? true : undefined,
      );
    }
    expect(await watcher.watch('alice')).toMatchObject({ users: [{ is_online: false }] });
    watcher.send({ type: 'bye' });
    await watcher.closed;
    await second.stop();
    expect([...(await connectionsInLog()).values()]).toEqual([
      'node_lost',
      'node_lost',
      'node_lost',
      'clean',
    ]);
  });

  it('tells its watchers what comes about through another process', async () => {
    const [one, other] = [await programs.start(), await programs.start()];
    const service = await newService(one);
    const watcher = await open(one, service, 'watcher');
    expect(await watcher.watch('bob')).toMatchObject({ unknown: ['bob'] });
    const bob = await open(other, service, 'bob');
    expect(await watcher.next()).toMatchObject({
      type: 'change',
      identity: 'bob',
      is_online: null,
    });
    expect(await watcher.next()).toMatchObject({ type: 'change', is_online: true });
    await one.delete(`/v2/Services/${service}/Users/bob`);
    expect((await bob.closed).code).toBe(4410);
    expect(await watcher.next()).toMatchObject({ type: 'change', is_online: false });
    expect(await watcher.next()).toMatchObject({ type: 'gone' });
  });

  it('that is killed under load has every User that it acknowledged at its next start', async () => {
    const acknowledged: string[] = [];
    let program = await programs.start();
    const service = await newService(program);
    for (let round = 0; round < 2; round += 1) {
      const enough = acknowledged.length + 20 + Math.floor(Math.random() * 200);
      const killed: Promise<void>[] = [];
      const writers = Array.from({ length: 8 }, async (_, writer) => {
        for (let index = 0; ; index += 1) {
          const identity = `user-${round}-${writer}-${index}`;
          const { status } = await program.post(`/v2/Services/${service}/Users`, {
            Identity: identity,
          });
          if (status === 201) acknowledged.push(identity);
          if (acknowledged.length >= enough && killed.length === 0) killed.push(program.kill());
        }
      });
      await Promise.allSettled(writers);
      await Promise.all(killed);
      program = await programs.start();
      const missing = await Promise.all(
        acknowledged.map(async (identity) => {
          const { status } = await program.get(`/v2/Services/${service}/Users/${identity}`);
          return status === 200 ? [] : [identity];
        }),
      );
      expect(missing.flat()).toEqual([]);
    }
  });
});
