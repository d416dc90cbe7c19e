import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import mqtt from 'mqtt';
import { io, type Socket } from 'socket.io-client';
import { freePorts } from '../../support/free-ports.ts';
import { startProgram, type Program } from '../../support/program.ts';
import { runExample, startExample, type RunningExample } from '../../support/run-example.ts';
import { until } from '../../support/until.ts';

describe('The examples', () => {
  let program: Program;
  let service: string;
  const running: RunningExample[] = [];

  beforeAll(async () => {
    program = await startProgram();
  });
  afterAll(() => program.stop());

  beforeEach(async () => {
    ({ sid: service } = await program.post('/v2/Services', { FriendlyName: 'Examples' }));
    await program.post(`/v2/Services/${service}`, { ReachabilityEnabled: 'true' });
  });
  afterEach(async () => {
    for (const example of running.splice(0)) await example.end();
  });

  const users = (): string => `/v2/Services/${service}/Users`;
  const connect = async (identity: string): Promise<string> => {
    await program.post(users(), { Identity: identity });
    const connections = `${users()}/${encodeURIComponent(identity)}/Connections`;
    const { sid } = await program.post(connections, { Ttl: '60' });
    return `${connections}/${sid}`;
  };
  const shows = (identity: string, isOnline: boolean): Promise<unknown> =>
    until(`${identity} to be shown ${isOnline ? 'online' : 'offline'}`, async () => {
      const { body } = await program.get(`${users()}/${identity}`);
      return body['is_online'] === isOnline || undefined;
    });
  const devices = async (identity: string): Promise<unknown> => {
    const { body } = await program.get(`${users()}/${identity}/Connections`);
    const connections = body['connections'] as { device_id: string }[];
    return connections.map((connection) => connection.device_id);
  };
  const connected = (socket: Socket): Promise<unknown> =>
    until('the socket to connect', () => socket.connected || undefined);
  async function startGateway(file: string): Promise<number> {
    const [port = 0] = await freePorts(1);
    const gateway = startExample(program, [file, '--service', service], { PORT: String(port) });
    running.push(gateway);
    await gateway.says(/listening/);
    return port;
  }

  it('push-or-live.mjs delivers live to who is online, by push to who has a device, and later else', async () => {
    await connect('alice');
    await program.delete(await connect('bob'));
    await program.post(`${users()}/bob/Bindings`, { BindingType: 'fcm', Address: 'token' });
    await program.delete(await connect('carol'));
    await program.post(users(), { Identity: 'dave' });
    const recipients = ['alice', 'bob', 'carol', 'dave', 'erin'];
    expect(
      await runExample(program, ['push-or-live.mjs', '--service', service, ...recipients]),
    ).toBe('alice: live\nbob: push\ncarol: later\ndave: push\nerin: no such User\n');
  });

  it('month-of-audit.mjs writes a row for each period of the month, with the event that began it', async () => {
    await program.delete(await connect('alice, "first"'));
    await connect('bob');
    const month = new Date().toISOString().slice(0, 7);
    const csv = await runExample(program, [
      'month-of-audit.mjs',
      '--service',
      service,
      '--month',
      month,
    ]);
    const rows: Record<string, string>[] = parse(csv, { columns: true });
    const states = rows.map(({ identity, state, event }) => `${identity} ${state} ${event}`);
    expect(states.sort()).toEqual([
      'alice, "first" offline ConnectionClosed',
      'alice, "first" online ConnectionOpened',
      'alice, "first" unknown UserCreated',
      'bob online ConnectionOpened',
      'bob unknown UserCreated',
    ]);
    const another = ['month-of-audit.mjs', '--service', service, '--month', '1999-12'] as const;
    expect(await runExample(program, another)).toMatch(/^identity,from,[a-z,]*\n$/);
  });

  it('socketio-gateway.mjs shows a client of Socket.IO online until it leaves', async () => {
    const port = await startGateway('socketio-gateway.mjs');
    const socket = io(`http://127.0.0.1:${port}`, { auth: { identity: 'bob', device: 'laptop' } });
    await connected(socket);
    await shows('bob', true);
    expect(await devices('bob')).toEqual(['laptop']);
    socket.disconnect();
    await shows('bob', false);
  });

  it('mqtt-gateway.mjs shows a client of MQTT online until it leaves', async () => {
    const port = await startGateway('mqtt-gateway.mjs');
    const options = { username: 'bob', clientId: 'sensor 1' };
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, options);
    await shows('bob', true);
    expect(await devices('bob')).toEqual(['sensor 1']);
    await client.endAsync();
    await shows('bob', false);
  });

  it('a gateway closes its Connections when it ends', async () => {
    const port = await startGateway('socketio-gateway.mjs');
    const socket = io(`http://127.0.0.1:${port}`, { auth: { identity: 'bob' } });
    await connected(socket);
    await shows('bob', true);
    await running[0]!.end();
    socket.disconnect();
    await shows('bob', false);
  });
});
