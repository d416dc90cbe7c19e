import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { roleSids } from '#domain';
import type { RequestOptions } from '../../support/http-client.ts';
import { startProgram, type Program } from '../../support/program.ts';
import { TwilioShapes } from '../../support/twilio-shapes.ts';

const NAMES = [
  'FriendlyName',
  'Identity',
  'Attributes',
  'RoleSid',
  'ReachabilityEnabled',
  'TypingIndicatorTimeout',
  'WebhookFilters',
  'WebhookMethod',
  'Filters',
  'Permission',
  'Type',
  'DefaultInactiveTimer',
  'PostWebhookUrl',
  'Notifications.NewMessage.Sound',
  'BindingType',
  'Address',
  'Endpoint',
  'PageSize',
  'Page',
  'PageToken',
  '__proto__',
  'constructor',
  '',
];

describe('Whatever is sent to the REST API', () => {
  let program: Program;
  let sids: readonly string[];

  beforeAll(async () => {
    program = await startProgram();
    const { sid } = await program.post('/v2/Services', { FriendlyName: 'Fuzzed' });
    const user = await program.post(`/v2/Services/${sid}/Users`, { Identity: 'ann' });
    const binding = await program.post(`/v2/Services/${sid}/Users/ann/Bindings`, {
      BindingType: 'fcm',
      Address: 'a',
    });
    sids = [sid, user.sid, binding.sid, roleSids(sid).channelUser, 'ann', 'bob'];
  });
  afterAll(async () => {
    expect(await program.stop()).toBe(0);
  });

  const junk = fc.oneof(
    fc
      .string({ unit: 'binary', maxLength: 20 })
      .map((text) => encodeURIComponent(text.toWellFormed())),
    fc.constantFrom('%', '%zz', '%ff', '%00', '..', '%2e%2e', '*', ';', '%2F', 'x'.repeat(7_000)),
  );
  const word = fc.constantFrom(
    'Services',
    'Users',
    'Bindings',
    'Roles',
    'Channels',
    'Credentials',
    'Configuration',
    'Webhooks',
  );
  const value = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc.constantFrom(
      'true',
      '5',
      '-1',
      '{}',
      '[',
      'fcm',
      'GET',
      'https://example.org',
      'PT1M',
      '\u0000',
    ),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.jsonValue({ maxDepth: 3 }),
  );
  const parameters = fc.dictionary(fc.constantFrom(...NAMES), value, { maxKeys: 5 });
  const query = parameters.map((entries) =>
    Object.entries(entries)
      .map(
        ([name, each]) =>
          `${name}=${encodeURIComponent(typeof each === 'string' ? each.toWellFormed() : JSON.stringify(each))}`,
      )
      .join('&'),
  );
  const options: fc.Arbitrary<RequestOptions> = fc.oneof(
    fc.constant({}),
    parameters.map((json) => ({ json })),
    fc
      .tuple(query, fc.constantFrom('application/x-www-form-urlencoded', 'application/json'))
      .map(([raw, type]) => ({ raw, headers: { 'content-type': type } })),
    fc.uint8Array({ maxLength: 60 }).map((bytes) => ({
      raw: Buffer.from(bytes),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })),
  );
  const path = fc
    .array(
      fc.oneof(
        word,
        junk,
        fc.nat(5).map((index) => `sid:${index}`),
      ),
      { maxLength: 6 },
    )
    .chain((rest) =>
      fc.constantFrom(
        [...rest],
        ['Services', 'sid:0', ...rest],
        ['Services', 'sid:0', 'Users', 'ann', ...rest],
      ),
    );

  it('is answered as Twilio would answer it, and by no failure of the server', async () => {
    const shapes = new TwilioShapes(program.url);
    const api = fc.constantFrom('/v2', '/v2', '/conversations/v1');
    const method = fc.constantFrom('GET', 'GET', 'POST', 'POST', 'DELETE', 'PUT', 'PATCH', 'HEAD');
    await fc.assert(
      fc.asyncProperty(
        method,
        api,
        path,
        query,
        options,
        async (verb, root, segments, search, sent) => {
          const filled = segments.map((segment) =>
            segment.startsWith('sid:') ? sids[Number(segment.slice(4))] : segment,
          );
          const target = `${root}/${filled.join('/')}${search === '' ? '' : `?${search}`}`;
          fc.pre(verb !== 'DELETE' || !sids.includes(target.split('/').at(-1) ?? ''));
          const answer = await program.request(verb, target, sent);
          expect([verb, target, answer.status < 500]).toEqual([verb, target, true]);
          if (verb === 'HEAD' || answer.text === '') return;
          const { status, headers } = answer;
          const body: unknown = JSON.parse(answer.text);
          const url = `${program.url}${target.split('?')[0]}`;
          if (status >= 400) shapes.check({ method: verb, url, status, headers, body });
        },
      ),
      { numRuns: 1_500 },
    );
    expect((await program.get('/health/ready')).status).toBe(200);
  }, 120_000);
});
