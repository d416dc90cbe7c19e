import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type twilio from 'twilio';
import { startProgram, type Program } from '../../support/program.ts';
import { connect } from '../../support/stream-client.ts';
import { describeClient, HELPER_TREES } from './describe-client.ts';

let program: Program;

beforeAll(async () => {
  program = await startProgram();
});
afterAll(() => program.stop());

for (const tree of HELPER_TREES) {
  describeClient(tree, 'Node.js', () => {
    // What is used here has the same form in all of these versions.
    let helper: typeof twilio;
    let client: twilio.Twilio;
    let sid: string;

    beforeAll(() => {
      helper = createRequire(join(tree.folder, 'package.json'))('twilio') as typeof twilio;
    }, 60_000);
    beforeEach(async () => {
      const { accountSid, authToken } = program.credentials;
      client = helper(accountSid, authToken);
      client.chat.baseUrl = program.url;
      ({ sid } = await client.chat.v2.services.create({ friendlyName: 'Support' }));
      await client.chat.v2.services(sid).update({ reachabilityEnabled: true });
    });

    const connectionsOf = (identity: string): string =>
      `/v2/Services/${sid}/Users/${identity}/Connections`;

    it('creates, fetches, updates, lists and deletes Services', async () => {
      const services = client.chat.v2.services;
      expect(await services(sid).fetch()).toMatchObject({ reachabilityEnabled: true });
      const update = { friendlyName: 'Help', webhookFilters: ['onUserUpdated'] };
      expect(await services(sid).update(update)).toMatchObject(update);
      const listed = await services.list({ pageSize: 1 });
      expect(listed.map((service) => service.sid)).toContain(sid);
      expect(await services(sid).remove()).toBe(true);
      await expect(services(sid).fetch()).rejects.toMatchObject({ status: 404, code: 20404 });
    });

    it('reads null, true and false of a User, and null in lists', async () => {
      const users = client.chat.v2.services(sid).users;
      await users.create({ identity: 'ann', attributes: '{"team":"north"}' });
      expect(await users('ann').fetch()).toMatchObject({ isOnline: null, isNotifiable: null });
      const { sid: connection } = await program.post(connectionsOf('ann'), {});
      expect(await users('ann').fetch()).toMatchObject({ isOnline: true, isNotifiable: false });
      expect(await users.list()).toMatchObject([{ identity: 'ann', isOnline: null }]);
      await program.delete(`${connectionsOf('ann')}/${connection}`);
      expect(await users('ann').fetch()).toMatchObject({ isOnline: false, isNotifiable: false });
    });

    it('follows the pages of a list', async () => {
      const users = client.chat.v2.services(sid).users;
      for (const identity of ['ann', 'bob', 'cid']) await users.create({ identity });
      const listed = await users.list({ pageSize: 1 });
      expect(listed.map(({ identity }) => identity).sort()).toEqual(['ann', 'bob', 'cid']);
    });

    it('updates and deletes a User, and gets errors with code and status', async () => {
      const users = client.chat.v2.services(sid).users;
      await users.create({ identity: 'ann' });
      expect(await users('ann').update({ friendlyName: 'Ann' })).toMatchObject({
        friendlyName: 'Ann',
      });
      await expect(users.create({ identity: 'ann' })).rejects.toMatchObject({
        status: 409,
        code: 50201,
      });
      expect(await users('ann').remove()).toBe(true);
      await expect(users('ann').fetch()).rejects.toMatchObject({ status: 404, code: 20404 });
    });

    it('lists, fetches and removes Bindings', async () => {
      const service = client.chat.v2.services(sid);
      await service.users.create({ identity: 'ann' });
      const path = `/v2/Services/${sid}/Users/ann/Bindings`;
      const binding = await program.post(path, { BindingType: 'fcm', Address: 'device' });
      expect(await service.bindings.list({ bindingType: ['fcm'], identity: ['ann'] })).toHaveLength(
        1,
      );
      const userBindings = service.users('ann').userBindings;
      expect(await userBindings(binding.sid).fetch()).toMatchObject({ bindingType: 'fcm' });
      expect(await userBindings(binding.sid).remove()).toBe(true);
      expect(await service.bindings.list()).toEqual([]);
    });

    it('enables reachability and reads a User with Conversations', async () => {
      client.conversations.baseUrl = `${program.url}/conversations`;
      await client.chat.v2.services(sid).update({ reachabilityEnabled: false });
      const service = client.conversations.v1.services(sid);
      const update = { reachabilityEnabled: true };
      expect(await service.configuration().update(update)).toMatchObject(update);
      await service.users.create({ identity: 'ann' });
      await program.post(connectionsOf('ann'), {});
      expect(await service.users('ann').fetch()).toMatchObject({
        isOnline: true,
        isNotifiable: false,
      });
    });

    it('authenticates with an API key, and is refused with a wrong one', async () => {
      const { accountSid, apiKey } = program.credentials;
      const users = async (secret: string): Promise<unknown[]> => {
        const withKey = helper(apiKey.sid, secret, { accountSid });
        withKey.chat.baseUrl = program.url;
        return withKey.chat.v2.services(sid).users.list();
      };
      expect(await users(apiKey.secret)).toEqual([]);
      await expect(users('wrong')).rejects.toMatchObject({ status: 401, code: 20003 });
    });

    it('makes access tokens that let a client in', async () => {
      const { accountSid, apiKey } = program.credentials;
      const { AccessToken } = helper.jwt;
      const token = new AccessToken(accountSid, apiKey.sid, apiKey.secret, { identity: 'ann' });
      token.addGrant(new AccessToken.ChatGrant({ serviceSid: sid }));
      const ann = connect(program, token.toJwt());
      expect(await ann.next()).toMatchObject({ type: 'ready', identity: 'ann' });
      ann.terminate();
    });
  });
}
