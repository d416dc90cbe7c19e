import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { JsonObject } from '../../support/http-client.ts';
import { startProgram, type Program } from '../../support/program.ts';
import { until } from '../../support/until.ts';
import { ChatService } from './chat-service.ts';
import { describeSdks, SdkClient, SDKS, type UserUpdate } from './sdk-client.ts';

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

/** Restarts the program on the same port. */
async function startAgain(): Promise<void> {
  program = await program.restart({ env: { PORT: new URL(program.url).port } });
  service = service.on(program);
}

const isConnected = (state: unknown): boolean => state === 'connected';

describeSdks.each(SDKS)('%s', (sdk) => {
  it('reconnects to a killed server and gets missed changes', async () => {
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

  it('is never shown offline if it reconnects in time', async () => {
    const alice = await service.client(sdk, 'alice');
    const bob = await service.client(sdk, 'bob');
    expect(await bob.getUser('alice')).toMatchObject({ online: true });
    alice.clearEvents();
    await program.kill();
    await startAgain();
    for (const client of [alice, bob]) await client.next('connectionStateChanged', isConnected);
    await service.untilRest('alice', { online: true, notifiable: false });
    // Other updates about alice would arrive before this one.
    await program.post(service.pathOf('alice'), { FriendlyName: 'Alice' });
    expect(await bob.updated('alice')).toMatchObject({ online: true, reasons: ['friendlyName'] });
  });

  it('reconnects when a stopping server asks it to, and is never shown offline', async () => {
    const alice = await service.client(sdk, 'alice');
    alice.clearEvents();
    await startAgain();
    await alice.next('connectionStateChanged', isConnected);
    await until('the previous Connection to be closed', async () => {
      const { body } = await program.get(`${service.pathOf('alice')}/Connections`);
      return (body['connections'] as unknown[]).length === 1 ? true : undefined;
    });
    const { body } = await program.get(`${service.pathOf('alice')}/Reachability/History`);
    const answers = (body['history'] as JsonObject[]).map(({ is_online }) => is_online);
    expect(answers).toContain(true);
    expect(answers).not.toContain(false);
  });

  it('is offline after the grace period when it is killed', async () => {
    await service.setGrace(1);
    const bob = await service.client(sdk, 'bob');
    const alice = await service.client(sdk, 'alice');
    expect(await bob.getUser('alice')).toMatchObject({ online: true });
    alice.kill();
    expect(await bob.updated('alice')).toMatchObject({ online: false });
  });
});
