import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../support/http-client.ts';
import { startProgram, type Program } from '../../support/program.ts';
import { until } from '../../support/until.ts';
import { ChatService } from './chat-service.ts';
import { SdkClient, SDKS, type UserUpdate } from './sdk-client.ts';

let program: Program;
let service: ChatService;

beforeEach(async () => {
  program = await startProgram();
  service = await ChatService.create(program);
});
afterEach(async () => {
  SdkClient.killAll();
  await program.stop();
});

/** The same service again, where the clients look for it. */
async function startAgain(): Promise<void> {
  program = await program.restart({ env: { PORT: new URL(program.url).port } });
  service = service.on(program);
}

const isConnected = (state: unknown): boolean => state === 'connected';

describe.each(SDKS)('%s', (sdk) => {
  it('comes back to a server that was killed, and is told what it missed', async () => {
    await service.createUser('bob');
    const alice = await service.client(sdk, 'alice');
    const disconnect = await service.connect('bob');
    expect(await alice.getUser('bob')).toMatchObject({ online: true });
    await disconnect();
    await alice.updated('bob');

    await program.kill();
    await startAgain();
    await program.post(service.pathOf('bob'), { FriendlyName: 'Bob' });
    await service.connect('bob');
    await alice.next('connectionStateChanged', isConnected);
    const updates: UserUpdate[] = [];
    do updates.push(await alice.updated('bob'));
    while (updates.at(-1)?.online !== true || updates.at(-1)?.friendlyName !== 'Bob');
    expect(updates.flatMap(({ reasons }) => reasons).sort()).toEqual(['friendlyName', 'online']);
  });

  it('that comes back in time was never offline to others', async () => {
    const alice = await service.client(sdk, 'alice');
    const bob = await service.client(sdk, 'bob');
    expect(await bob.getUser('alice')).toMatchObject({ online: true });
    alice.forget();
    await program.kill();
    await startAgain();
    for (const client of [alice, bob]) await client.next('connectionStateChanged', isConnected);
    await service.untilRest('alice', { online: true, notifiable: false });
    // Whatever was told of alice in between stands before this.
    await program.post(service.pathOf('alice'), { FriendlyName: 'Alice' });
    expect(await bob.updated('alice')).toMatchObject({ online: true, reasons: ['friendlyName'] });
  });

  it('is told to connect again by a server that stops, and was never offline meanwhile', async () => {
    const alice = await service.client(sdk, 'alice');
    alice.forget();
    await startAgain();
    await alice.next('connectionStateChanged', isConnected);
    await until('the Connection of before to be closed', async () => {
      const { body } = await program.get(`${service.pathOf('alice')}/Connections`);
      return (body['connections'] as unknown[]).length === 1 ? true : undefined;
    });
    const { body } = await program.get(`${service.pathOf('alice')}/Reachability/History`);
    const answers = (body['history'] as JsonObject[]).map(({ is_online }) => is_online);
    expect(answers).toContain(true);
    expect(answers).not.toContain(false);
  });

  it('that is killed is offline after the grace', async () => {
    await service.setGrace(1);
    const bob = await service.client(sdk, 'bob');
    const alice = await service.client(sdk, 'alice');
    expect(await bob.getUser('alice')).toMatchObject({ online: true });
    alice.kill();
    expect(await bob.updated('alice')).toMatchObject({ online: false });
  });
});
