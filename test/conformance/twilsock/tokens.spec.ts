import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { startProgram, type Program } from '../../support/program.ts';
import { ChatService } from './chat-service.ts';
import { describeSdks, SdkClient, SDKS, type Sdk } from './sdk-client.ts';

let program: Program;
let service: ChatService;

beforeAll(async () => {
  program = await startProgram();
});
afterAll(() => program.stop());
beforeEach(async () => {
  service = await ChatService.create(program);
  await service.setGrace(60);
});
afterEach(() => SdkClient.killAll());

const OTHER_ACCOUNT = `AC${'f'.repeat(32)}`;
const MISSING_SERVICE = `IS${'f'.repeat(32)}`;

interface Forgery {
  readonly header?: object;
  readonly claims?: object;
  readonly secret?: string;
  readonly algorithm?: 'HS256' | 'none';
}

/** A valid token with the given changes. */
function forge({ header, claims, secret, algorithm = 'HS256' }: Forgery = {}): string {
  const { accountSid, apiKey } = program.credentials;
  const now = Math.floor(Date.now() / 1000);
  const parts = [
    { alg: algorithm, typ: 'JWT', cty: 'twilio-fpa;v=1', ...header },
    {
      jti: `${apiKey.sid}-${now}`,
      iss: apiKey.sid,
      sub: accountSid,
      iat: now - 100,
      exp: now + 60,
      grants: { identity: 'alice', chat: { service_sid: service.sid } },
      ...claims,
    },
  ].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'));
  const text = parts.join('.');
  const signature = createHmac('sha256', secret ?? apiKey.secret)
    .update(text)
    .digest('base64url');
  return `${text}.${algorithm === 'none' ? '' : signature}`;
}

const seconds = (fromNow: number) => Math.floor(Date.now() / 1000) + fromNow;

/** A client whose token ends soon. It connects with another one, which may take long on a busy machine. */
async function clientWithShortToken(sdk: Sdk, identity: string): Promise<SdkClient> {
  const client = await service.client(sdk, identity);
  await client.call('updateToken', service.token(identity, 5));
  return client;
}

describeSdks.each(SDKS)('%s', (sdk) => {
  it.each<[string, number, () => Forgery]>([
    ['for another account', 20103, () => ({ claims: { sub: OTHER_ACCOUNT } })],
    ['of an unknown key', 20103, () => ({ claims: { iss: `SK${'f'.repeat(32)}` } })],
    ['that has expired', 20104, () => ({ claims: { exp: seconds(-1) } })],
    ['that is not yet valid', 20105, () => ({ claims: { nbf: seconds(3_000) } })],
    ['without grants', 20106, () => ({ claims: { grants: {} } })],
    ['signed with another secret', 20107, () => ({ secret: 'another' })],
    ['that is not signed', 20102, () => ({ algorithm: 'none' })],
    ['with another content type', 20102, () => ({ header: { cty: 'x' } })],
    ['that lasts too long', 20157, () => ({ claims: { exp: seconds(100_000) } })],
  ])('is denied with a token %s (%i)', async (_, errorCode, forgery) => {
    const alice = SdkClient.start(program, sdk, forge(forgery()));
    expect(await alice.next('connectionError')).toEqual({
      terminal: true,
      httpStatusCode: 401,
      errorCode,
    });
    expect(await alice.call('connectionState')).toBe('denied');
    expect((await program.get(service.pathOf('alice'))).status).toBe(404);
  });

  it('reports an expired token when it is denied for that', async () => {
    const alice = SdkClient.start(program, sdk, forge({ claims: { exp: seconds(-1) } }));
    await alice.next('tokenExpired');
  });

  it('is denied if the Service does not exist', async () => {
    const grants = { identity: 'alice', chat: { service_sid: MISSING_SERVICE } };
    const alice = SdkClient.start(program, sdk, forge({ claims: { grants } }));
    expect(await alice.next('connectionError')).toMatchObject({
      terminal: true,
      httpStatusCode: 403,
      errorCode: 50050,
    });
  });

  it('is warned before its token expires, and stays connected with a new one', async () => {
    const alice = await clientWithShortToken(sdk, 'alice');
    await alice.next('tokenAboutToExpire');
    await alice.call('updateToken', service.token('alice'));
    const bob = await clientWithShortToken(sdk, 'bob');
    await bob.next('tokenExpired');
    await service.untilRest('bob', { online: false, notifiable: false });
    expect(await service.rest('alice')).toEqual({ online: true, notifiable: false });
    expect(await alice.call('connectionState')).toBe('connected');
    expect(alice.unreadEvents).not.toContain('tokenExpired');
  });

  it('reconnects with a new token after the old one expired', async () => {
    const alice = await clientWithShortToken(sdk, 'alice');
    await alice.next('connectionStateChanged', (state) => state === 'disconnected');
    await alice.call('updateToken', service.token('alice'));
    await service.untilRest('alice', { online: true, notifiable: false });
  });

  it('cannot change to another User', async () => {
    const alice = await service.client(sdk, 'alice');
    await expect(alice.call('updateToken', service.token('bob'))).rejects.toThrow();
    expect(await alice.next('connectionError')).toMatchObject({
      terminal: true,
      httpStatusCode: 403,
    });
    expect((await program.get(service.pathOf('bob'))).status).toBe(404);
  });
});
