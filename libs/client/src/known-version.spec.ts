import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  ALICE,
  answerWatch,
  at,
  ClientWorld,
  userSnapshot,
  type ConnectedClient,
} from '../../../test/support/client-world.ts';
import type { StreamPeer } from '../../../test/support/stream-server.ts';

describe('The highest version that a client knows', () => {
  let world: ClientWorld;
  let connected: ConnectedClient;
  beforeEach(async () => {
    world = await ClientWorld.start();
    connected = await world.connect();
  });
  afterEach(() => world.stop());

  /** Registers a device, and returns once the client has the version of the write. */
  async function bind(version: string): Promise<void> {
    const { client, peer } = connected;
    const setting = client.setPushRegistration('fcm', 'device');
    const { id } = await peer.expect('bind');
    peer.send({ type: 'bound', id, sid: 'BS1', version });
    await setting;
  }

  /** Asks for a User, and returns the version that the client names. */
  async function versionOfRead(peer: StreamPeer): Promise<unknown> {
    const getting = connected.client.getUserDescriptor('bob');
    const { id, version } = await peer.expect('get');
    peer.send({ type: 'error', id, code: 'not_found', message: 'no' });
    await expect(getting).rejects.toMatchObject({ code: 'not_found' });
    return version;
  }

  it('is that of its frames, also of answers to its writes, and is sent with each read', async () => {
    const { client, peer } = connected;
    expect(await versionOfRead(peer)).toBe(at(1));
    await bind(at(7));
    expect(client.version).toBe(at(7));
    await bind(at(6));
    expect(await versionOfRead(peer)).toBe(at(7));
    const getting = client.getUser('carol');
    const asked = await answerWatch(peer, [userSnapshot('US3', 'carol', at(5))], {
      version: at(8),
    });
    expect(asked['version']).toBe(at(7));
    await getting;
    expect(client.version).toBe(at(8));
  });

  it('is sent to the next server, which may be behind', async () => {
    await bind(at(7));
    connected.peer.close(1001);
    const next = await world.acceptReconnect({ version: at(3) });
    const asked = await answerWatch(next, [userSnapshot(ALICE, 'alice', at(7))], {
      version: at(7),
    });
    expect(asked['version']).toBe(at(7));
    expect(await versionOfRead(next)).toBe(at(7));
  });

  it('gives way to one of another epoch', async () => {
    await bind(at(7));
    connected.peer.close(1001);
    const next = await world.acceptReconnect({ version: at(3, 'e2') });
    const asked = await answerWatch(next, [userSnapshot(ALICE, 'alice', at(3, 'e2'))], {
      version: at(3, 'e2'),
    });
    expect(asked['version']).toBe(at(3, 'e2'));
    expect(connected.client.version).toBe(at(3, 'e2'));
  });
});
