import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import twilio from 'twilio';
import { NO_WATCH_GRANT, toWatchGrant } from '#domain';
import { AccessTokens } from './access-tokens.ts';
import { TokenError } from './token-error.ts';

const ACCOUNT_SID = `AC${'a'.repeat(32)}`;
const KEY_SID = `SK${'1'.repeat(32)}`;
const SECRET = 'the secret of the first key';
const OTHER_KEY_SID = `SK${'2'.repeat(32)}`;
const OTHER_SECRET = 'the secret of another key';
const SERVICE_SID = `IS${'b'.repeat(32)}`;

/** In whole seconds; the clock of the verifier always shows this time. */
const NOW = 1_900_000_000;
const HOUR = 3_600;
const DAY = 86_400;

const tokens = verifierAt(() => NOW);

function verifierAt(seconds: () => number, secret = SECRET): AccessTokens {
  return new AccessTokens(
    {
      accountSid: ACCOUNT_SID,
      authToken: 'x'.repeat(32),
      apiKeys: new Map([
        [KEY_SID, secret],
        [OTHER_KEY_SID, OTHER_SECRET],
      ]),
      fresh: false,
    },
    () => new Date(seconds() * 1000),
    { signingSecrets: () => Promise.resolve([]), acceptSignature: () => true },
  );
}

type Json = Readonly<Record<string, unknown>>;
const HEADER = { alg: 'HS256', typ: 'JWT', cty: 'twilio-fpa;v=1' };
const GRANTS = { identity: 'alice', chat: { service_sid: SERVICE_SID } };
const CLAIMS = {
  jti: `${KEY_SID}-${NOW}`,
  iss: KEY_SID,
  sub: ACCOUNT_SID,
  iat: NOW,
  exp: NOW + HOUR,
  grants: GRANTS,
};

const encode = (json: unknown): string => Buffer.from(JSON.stringify(json)).toString('base64url');
const hmac = (text: string, secret: string, hash = 'sha256'): string =>
  createHmac(hash, secret).update(text).digest('base64url');

/** A token that is valid except for the given claims; a claim that is undefined is omitted. */
function forge(claims: Json = {}, header: Json = {}, secret = SECRET, hash = 'sha256'): string {
  const text = `${encode({ ...HEADER, ...header })}.${encode({ ...CLAIMS, ...claims })}`;
  return `${text}.${hmac(text, secret, hash)}`;
}

async function refusalOf(token: string, verifier = tokens): Promise<number | 'accepted'> {
  try {
    await verifier.verify(token);
    return 'accepted';
  } catch (error) {
    if (error instanceof TokenError) return error.code;
    throw error;
  }
}

describe('A token minted by Twilio’s own library', () => {
  const { AccessToken } = twilio.jwt;
  const mint = (
    keySid: string,
    secret: string,
    identity: string,
  ): InstanceType<typeof AccessToken> => {
    const token = new AccessToken(ACCOUNT_SID, keySid, secret, { identity, ttl: HOUR });
    token.addGrant(new AccessToken.ChatGrant({ serviceSid: SERVICE_SID, endpointId: 'phone' }));
    return token;
  };
  const current = verifierAt(() => Date.now() / 1000);

  it.each([
    ['the first key', KEY_SID, SECRET],
    ['another key', OTHER_KEY_SID, OTHER_SECRET],
  ])('says who it is for, signed with %s', async (_, keySid, secret) => {
    const token = await current.verify(mint(keySid, secret, 'zoë 🦊').toJwt());
    expect(token).toMatchObject({
      identity: 'zoë 🦊',
      serviceSid: SERVICE_SID,
      endpointId: 'phone',
    });
    expect(token.expiresAt.getTime() - Date.now()).toBeGreaterThan((HOUR - 60) * 1000);
    expect(token.expiresAt.getTime() - Date.now()).toBeLessThanOrEqual(HOUR * 1000);
  });

  it('says whom its holder may watch, by a grant of our own', async () => {
    const token = mint(KEY_SID, SECRET, 'alice');
    const grant = { watch_identities: ['bob', 'zoë 🦊'], watch_prefix: 'team/' };
    token.addGrant({ key: 'reachability', toPayload: () => grant });
    expect((await current.verify(token.toJwt())).watchGrant).toEqual(
      toWatchGrant(['bob', 'zoë 🦊'], 'team/'),
    );
  });

  it.each(['HS384', 'HS512'] as const)('is refused when signed with %s', async (algorithm) => {
    expect(await refusalOf(mint(KEY_SID, SECRET, 'alice').toJwt(algorithm), current)).toBe(20102);
  });

  it('is refused without a ChatGrant', async () => {
    const token = new AccessToken(ACCOUNT_SID, KEY_SID, SECRET, { identity: 'alice' });
    expect(await refusalOf(token.toJwt(), current)).toBe(20106);
  });
});

describe('A token minted here', () => {
  it('is valid, and expires after its TTL', async () => {
    const token = await tokens.mint(SERVICE_SID, 'alice', 60);
    expect(await tokens.verify(token)).toEqual({
      identity: 'alice',
      serviceSid: SERVICE_SID,
      expiresAt: new Date((NOW + 60) * 1000),
      signedBy: null,
      issuedAt: NOW,
      watchGrant: NO_WATCH_GRANT,
    });
  });

  it('grants those that it was minted for', async () => {
    const grant = toWatchGrant(['bob', 'zoë 🦊'], 'team/');
    const token = await tokens.mint(SERVICE_SID, 'alice', 60, grant);
    expect((await tokens.verify(token)).watchGrant).toEqual(grant);
  });

  it('is unique', async () => {
    const [first, second] = await Promise.all([
      tokens.mint(SERVICE_SID, 'alice', 60),
      tokens.mint(SERVICE_SID, 'alice', 60),
    ]);
    expect(first).not.toBe(second);
  });
});

describe('A token', () => {
  it('of this helper is valid, so that each test below has one reason to refuse it', async () => {
    expect(await refusalOf(forge())).toBe('accepted');
  });

  it.each([
    ['nothing', ''],
    ['text', 'alice'],
    ['dots', '..'],
    ['two parts of three', forge().split('.').slice(0, 2).join('.')],
    ['four parts', `${forge()}.x`],
    ['a payload that is not JSON', `${encode(HEADER)}.bm8.x`],
    ['a payload that is no object', `${encode(HEADER)}.${encode([1])}.x`],
    ['a beginning that is no number', forge({ nbf: String(NOW) })],
    ['a time of issue that is no number', forge({ iat: '' })],
  ])('that is %s is refused (20101)', async (_, token) => {
    expect(await refusalOf(token)).toBe(20101);
  });

  it('without a signature is refused for its algorithm (20102)', async () => {
    const text = `${encode({ ...HEADER, alg: 'none' })}.${encode(CLAIMS)}.`;
    expect(await refusalOf(text)).toBe(20102);
  });

  it.each([
    ['HS384', 'sha384'],
    ['HS512', 'sha512'],
  ])('signed with %s is refused for its algorithm (20102)', async (alg, hash) => {
    expect(await refusalOf(forge({}, { alg }, SECRET, hash))).toBe(20102);
  });

  it('signed with somebody’s private key is refused for its algorithm (20102)', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const text = `${encode({ ...HEADER, alg: 'RS256' })}.${encode(CLAIMS)}`;
    const signature = sign('sha256', Buffer.from(text), privateKey).toString('base64url');
    expect(await refusalOf(`${text}.${signature}`)).toBe(20102);
  });

  it.each([
    ['another content type', { cty: 'JWT' }],
    ['no content type', { cty: undefined }],
    ['another type', { typ: 'at+jwt' }],
    ['a critical header that nobody knows', { crit: ['x'], x: 1 }],
  ])('with %s is refused for its header (20102)', async (_, header) => {
    expect(await refusalOf(forge({}, header))).toBe(20102);
  });

  it('with a header that is not JSON is refused for its header (20102)', async () => {
    expect(await refusalOf(`bm8.${encode(CLAIMS)}.x`)).toBe(20102);
  });

  it.each([
    ['no issuer', { iss: undefined }],
    ['no subject', { sub: undefined }],
    ['a key that is not ours', { iss: `SK${'9'.repeat(32)}` }],
    ['no key at all', { iss: '' }],
    ['a property that every object has', { iss: '__proto__' }],
    ['a key of ours for another account', { sub: `AC${'9'.repeat(32)}` }],
  ])('of %s is refused for its issuer (20103)', async (_, claims) => {
    expect(await refusalOf(forge(claims))).toBe(20103);
  });

  it.each([
    ['at the second of its end', 0],
    ['within the skew that its beginning is allowed', -29],
    ['long ago', -DAY],
  ])('that expired %s is refused (20104)', async (_, seconds) => {
    expect(await refusalOf(forge({ iat: NOW - HOUR, exp: NOW + seconds }))).toBe(20104);
  });

  it.each([
    ['has no end', undefined],
    ['has an end that is no number', String(NOW + HOUR)],
  ])('that %s is refused as expired (20104)', async (_, exp) => {
    expect(await refusalOf(forge({ exp }))).toBe(20104);
  });

  it('is accepted until its last second', async () => {
    expect(await refusalOf(forge({ iat: NOW - HOUR, exp: NOW + 1 }))).toBe('accepted');
  });

  it('that is not yet valid is refused (20105)', async () => {
    expect(await refusalOf(forge({ nbf: NOW + 31 }))).toBe(20105);
  });

  it('may start up to half a minute from now, because clocks differ', async () => {
    expect(await refusalOf(forge({ iat: NOW + 30, nbf: NOW + 30 }))).toBe('accepted');
  });

  it('may name its grant ip_messaging, as Twilio’s helpers did up to version 3', async () => {
    const grant = { ...GRANTS.chat, endpoint_id: 'phone', deployment_role_sid: 'RL1' };
    const grants = { identity: 'zoë', ip_messaging: grant };
    expect(await tokens.verify(forge({ grants }))).toMatchObject({
      identity: 'zoë',
      serviceSid: SERVICE_SID,
      endpointId: 'phone',
    });
  });

  it.each<[string, unknown]>([
    ['no grants', undefined],
    ['grants that are a list', []],
    [
      'one identity to watch that is no list',
      { ...GRANTS, reachability: { watch_identities: 'bob' } },
    ],
    ['an identity to watch that is none', { ...GRANTS, reachability: { watch_identities: [''] } }],
    ['an empty prefix to watch', { ...GRANTS, reachability: { watch_prefix: '' } }],
    ['a watch grant that is a list', { ...GRANTS, reachability: ['bob'] }],
    ['no identity', { chat: GRANTS.chat }],
    ['a number for an identity', { ...GRANTS, identity: 7 }],
    ['an empty identity', { ...GRANTS, identity: '' }],
    ['an identity with U+0000', { ...GRANTS, identity: 'a\u0000' }],
    ['an identity with a lone surrogate', { ...GRANTS, identity: 'a\ud800' }],
    ['an identity of 513 characters', { ...GRANTS, identity: 'a'.repeat(513) }],
    ['an identity that looks like a User sid', { ...GRANTS, identity: `US${'0'.repeat(32)}` }],
    ['no ChatGrant', { identity: 'alice' }],
    ['a ChatGrant without a Service', { ...GRANTS, chat: {} }],
    ['an IpMessagingGrant without a Service', { identity: 'alice', ip_messaging: {} }],
    [
      'an invalid ChatGrant beside an IpMessagingGrant',
      { ...GRANTS, chat: {}, ip_messaging: GRANTS.chat },
    ],
    ['a ChatGrant for what is no Service sid', { ...GRANTS, chat: { service_sid: 'IS1' } }],
  ])('with %s is refused for its grants (20106)', async (_, grants) => {
    expect(await refusalOf(forge({ grants }))).toBe(20106);
  });

  it('may be for any identity of 512 characters', async () => {
    expect(await refusalOf(forge({ grants: { ...GRANTS, identity: '🦊'.repeat(512) } }))).toBe(
      'accepted',
    );
  });

  it.each([
    ['made with another key of ours', forge({}, {}, OTHER_SECRET)],
    ['made with no secret', forge({}, {}, '')],
    [
      'of another token',
      `${forge().slice(0, forge().lastIndexOf('.'))}.${forge({ jti: 'x' }).split('.')[2]}`,
    ],
    ['with another one after it', `${forge()}${forge().split('.')[2]}`],
    ['that is missing', `${forge().slice(0, forge().lastIndexOf('.'))}.`],
  ])('with a signature %s is refused (20107)', async (_, token) => {
    expect(await refusalOf(token)).toBe(20107);
  });

  it('may last a day', async () => {
    expect(await refusalOf(forge({ exp: NOW + DAY }))).toBe('accepted');
  });

  it.each([
    ['a day and a second', { exp: NOW + DAY + 1 }],
    ['a day from a beginning in the future', { iat: NOW + HOUR, exp: NOW + HOUR + DAY }],
    ['more than a day, and does not say from when on', { iat: undefined, exp: NOW + DAY + 1 }],
    ['for ever', { exp: Number.MAX_VALUE }],
  ])('that lasts %s is refused (20157)', async (_, claims) => {
    expect(await refusalOf(forge(claims))).toBe(20157);
  });

  it('may last a day by a clock that is ahead of ours', async () => {
    expect(await refusalOf(forge({ iat: NOW + 20, exp: NOW + 20 + DAY }))).toBe('accepted');
  });
});

describe('A verified token', () => {
  it('is verified again each time: no result is remembered', async () => {
    let seconds = NOW;
    const moving = verifierAt(() => seconds);
    const token = forge();
    expect(await refusalOf(token, moving)).toBe('accepted');
    seconds += HOUR;
    expect(await refusalOf(token, moving)).toBe(20104);
    seconds -= HOUR;
    expect(await refusalOf(token, moving)).toBe('accepted');
  });
});

describe('A secret', () => {
  it.each([
    ['a public key', '-----BEGIN PUBLIC KEY-----MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE'],
    ['the JSON of one', JSON.stringify({ kty: 'RSA', n: 'AQAB', e: 'AQAB' })],
  ])('that looks like %s is a secret like any other', async (_, secret) => {
    const verifier = verifierAt(() => NOW, secret);
    expect(await refusalOf(forge({}, {}, secret), verifier)).toBe('accepted');
    expect(await refusalOf(forge(), verifier)).toBe(20107);
  });
});

describe('Any text given as a token', () => {
  const part = fc.oneof(
    fc.string(),
    fc.json().map((json) => Buffer.from(json).toString('base64url')),
    fc.constantFrom(...forge().split('.')),
  );
  const signedGarbage = fc
    .record({
      header: fc.dictionary(fc.string(), fc.jsonValue()),
      claims: fc.dictionary(fc.constantFrom(...Object.keys(CLAIMS), 'nbf'), fc.jsonValue()),
    })
    .map(({ header, claims }) => forge(claims, header));

  it('is accepted, or refused with a TokenError that contains no part of it', async () => {
    const anything = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('.')),
      signedGarbage,
    );
    await fc.assert(
      fc.asyncProperty(anything, async (token) => {
        const outcome = await tokens.verify(token).catch((error: unknown) => error);
        if (!(outcome instanceof Error)) return;
        expect(outcome).toBeInstanceOf(TokenError);
        for (const piece of token.split('.').filter(({ length }) => length > 12)) {
          expect(outcome.message).not.toContain(piece);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('is refused where one bit of a valid token is flipped', async () => {
    const valid = forge();
    const [header = '', payload = '', signature = ''] = valid.split('.');
    const lengths = [header, payload, signature].map(
      (text) => Buffer.from(text, 'base64url').length,
    );
    const place = fc
      .integer({ min: 0, max: 2 })
      .chain((index) =>
        fc.tuple(fc.constant(index), fc.integer({ min: 0, max: (lengths[index] ?? 1) * 8 - 1 })),
      );
    await fc.assert(
      fc.asyncProperty(place, async ([index, bit]) => {
        const parts = [header, payload, signature].map((text) => Buffer.from(text, 'base64url'));
        const bytes = parts[index] ?? Buffer.alloc(1);
        bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
        const changed = parts.map((each) => each.toString('base64url')).join('.');
        expect(await refusalOf(changed)).not.toBe('accepted');
      }),
      { numRuns: 300 },
    );
  });
});
