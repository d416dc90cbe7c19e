import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openSqliteEventStore } from '#event-store/adapters/sqlite/index';
import { canBeWritten } from '../../chaos/write-locks.ts';
import type { Program } from '../../support/program.ts';
import { Programs } from '../../support/programs.ts';
import { createService } from '../../support/services.ts';
import { accessToken, connect, type StreamClient } from '../../support/stream-client.ts';
import { until } from '../../support/until.ts';

/** A lease of 6 s, a grace period, and time to detect and record the loss. */
const LEASE_AND_GRACE_MS = 12_000;

describe('Nodes that share an event store', () => {
  let programs: Programs;
  let one: Program;
  let other: Program;
  let service: string;
  const clients: StreamClient[] = [];

  beforeEach(async () => {
    programs = new Programs();
    one = await programs.start({ env: { NODE_ID: 'one' } });
    other = await programs.start({ env: { NODE_ID: 'other' } });
    service = await createService(one, 2);
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.terminate();
    await programs.end();
  });

  async function open(program: Program, identity: string): Promise<StreamClient> {
    const client = connect(program, accessToken(program, service, identity));
    clients.push(client);
    expect(await client.next()).toMatchObject({ type: 'ready' });
    return client;
  }

  const user = (identity: string) => `/v2/Services/${service}/Users/${identity}`;

  async function isOnline(program: Program, identity: string): Promise<unknown> {
    return (await program.get(user(identity))).body['is_online'];
  }

  function untilOnline(program: Program, identity: string, online: boolean): Promise<true> {
    const look = async () => ((await isOnline(program, identity)) === online ? true : undefined);
    return until(`${identity} to be ${online ? 'online' : 'offline'}`, look, LEASE_AND_GRACE_MS);
  }

  /** Whether the history of a User contains an offline interval. */
  async function wasOffline(program: Program, identity: string): Promise<boolean> {
    const { body } = await program.get(`${user(identity)}/Reachability/History`);
    return JSON.stringify(body['history']).includes('"is_online":false');
  }

  /** Node events and close causes in the log, in order. */
  async function recordedFacts(): Promise<string[]> {
    const store = await openSqliteEventStore({ path: join(programs.dataDir, 'events.db') });
    const found: string[] = [];
    for await (const { type, stream, data } of store.readAll()) {
      const { cause } = data as { cause?: string };
      if (type.startsWith('Node')) found.push(`${type} ${stream}`);
      if (type === 'ConnectionClosed') found.push(`closed ${cause ?? ''}`);
    }
    await store.close();
    return found;
  }

  /** Suspends a process while it holds no lock that the other one would wait for. Returns how to resume it. */
  async function pause(program: Program): Promise<() => void> {
    const { pid } = program;
    if (pid === undefined) throw new Error('The program is not running');
    return until('a moment between writes', () => {
      process.kill(pid, 'SIGSTOP');
      if (canBeWritten(programs.dataDir)) return () => process.kill(pid, 'SIGCONT');
      process.kill(pid, 'SIGCONT');
      return undefined;
    });
  }

  it('detect a killed node: clients that reconnect in time are never offline, the others are soon', async () => {
    await Promise.all([open(one, 'ann'), open(one, 'bob')]);
    await Promise.all([untilOnline(other, 'ann', true), untilOnline(other, 'bob', true)]);
    await one.kill();
    await open(other, 'ann');
    await untilOnline(other, 'bob', false);
    await until('both to be closed', async () =>
      (await recordedFacts()).filter((fact) => fact === 'closed node_lost').length === 2
        ? true
        : undefined,
    );
    expect(await recordedFacts()).toContain('NodeLost node-one');
    expect(await isOnline(other, 'ann')).toBe(true);
    expect(await wasOffline(other, 'ann')).toBe(false);
  });

  it('replace a suspended node, which closes its clients when it resumes and then serves again', async () => {
    const client = await open(one, 'ann');
    await untilOnline(other, 'ann', true);
    const resume = await pause(one);
    await untilOnline(other, 'ann', false);
    resume();
    expect((await client.closed).code).toBe(1012);
    await until('the node to be ready again', async () =>
      (await one.get('/health/ready')).status === 200 ? true : undefined,
    );
    await open(one, 'ann');
    await Promise.all([untilOnline(one, 'ann', true), untilOnline(other, 'ann', true)]);
    expect(await recordedFacts()).toEqual([
      'NodeStarted node-one',
      'NodeStarted node-other',
      'NodeLost node-one',
      'closed node_lost',
      'NodeStarted node-one',
    ]);
  });

  it('take over from a node that stops, and clients that move in time are never shown offline', async () => {
    const [mover, leaver] = await Promise.all([open(one, 'ann'), open(one, 'bob')]);
    await Promise.all([untilOnline(other, 'ann', true), untilOnline(other, 'bob', true)]);
    const stopped = one.stop();
    expect(await mover.next()).toMatchObject({ type: 'move' });
    expect(await mover.closed).toMatchObject({ code: 1012 });
    await Promise.all([open(other, 'ann'), leaver.closed, stopped]);
    await untilOnline(other, 'bob', false);
    await until('both to be closed', async () =>
      (await recordedFacts()).filter((fact) => fact === 'closed node_lost').length === 2
        ? true
        : undefined,
    );
    expect(await recordedFacts()).toEqual([
      'NodeStarted node-one',
      'NodeStarted node-other',
      'NodeStopped node-one',
      'closed node_lost',
      'closed node_lost',
    ]);
    expect(await wasOffline(other, 'ann')).toBe(false);
  });
});
