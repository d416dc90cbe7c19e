import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ClientWorld, type ConnectedClient } from '../../../test/support/client-world.ts';

describe('push registration', () => {
  let world: ClientWorld;
  let connected: ConnectedClient;
  beforeEach(async () => {
    world = await ClientWorld.start();
    connected = await world.connect();
  });
  afterEach(() => world.stop());

  async function bind(address: string, sid: string): Promise<void> {
    const { client, peer } = connected;
    const setting = client.setPushRegistration('fcm', address);
    const asked = await peer.expect('bind');
    expect(asked).toMatchObject({ binding_type: 'fcm', address });
    peer.send({ type: 'bound', id: asked['id'], sid });
    await setting;
  }

  it('registers a device and returns the sid of its Binding', async () => {
    const { client, peer } = connected;
    const setting = client.setPushRegistration('apn', 'address', 'phone');
    const asked = await peer.expect('bind');
    expect(asked).toMatchObject({ binding_type: 'apn', address: 'address', endpoint: 'phone' });
    peer.send({ type: 'bound', id: asked['id'], sid: 'BS1' });
    expect(await setting).toEqual({ sid: 'BS1', type: 'apn', address: 'address' });
  });

  it('is removed by its type', async () => {
    const { client, peer } = connected;
    await bind('one', 'BS1');
    const unsetting = client.unsetPushRegistration('fcm');
    const asked = await peer.expect('unbind');
    expect(asked['sid']).toBe('BS1');
    peer.send({ type: 'unbound', id: asked['id'] });
    await unsetting;
    await expect(client.unsetPushRegistration('fcm')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('is removed by its sid, even if it no longer exists', async () => {
    const { client, peer } = connected;
    const unsetting = client.unsetPushRegistration('BS9');
    const { id } = await peer.expect('unbind');
    peer.send({ type: 'error', id, code: 'not_found', message: 'No such Binding' });
    await unsetting;
  });

  it('replaces the former one of its type', async () => {
    const { client, peer } = connected;
    await bind('one', 'BS1');
    const setting = client.setPushRegistration('fcm', 'two');
    peer.send({ type: 'bound', id: (await peer.expect('bind'))['id'], sid: 'BS2' });
    const { id, sid } = await peer.expect('unbind');
    expect(sid).toBe('BS1');
    peer.send({ type: 'unbound', id });
    expect((await setting).sid).toBe('BS2');
  });

  it('is rejected with the message of the server', async () => {
    const { client, peer } = connected;
    const setting = client.setPushRegistration('fcm', 'x');
    const { id } = await peer.expect('bind');
    peer.send({ type: 'error', id, code: 'invalid', message: 'No such type' });
    await expect(setting).rejects.toMatchObject({ code: 'invalid', message: 'No such type' });
  });

  it.each(['', 'x'.repeat(64 * 1024)])(
    'rejects an address that is empty or too long',
    async (address) => {
      const { client, peer } = connected;
      const setting = client.setPushRegistration('fcm', address);
      await expect(setting).rejects.toMatchObject({ code: 'invalid' });
      expect(peer.unread).toEqual([]);
    },
  );
});
