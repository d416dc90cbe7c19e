import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { roleSids } from '#domain';
import { eventsIn } from '../../support/event-log.ts';
import { basic, type JsonObject, type RequestOptions } from '../../support/http-client.ts';
import { startProgram, type Program } from '../../support/program.ts';

const FORM = 'application/x-www-form-urlencoded';

describe('Hostile requests', () => {
  let program: Program;
  let service: string;
  let authorization: string;
  let events: number;

  beforeAll(async () => {
    program = await startProgram();
    const { sid } = await program.post('/v2/Services', { FriendlyName: 'Target' });
    service = `/v2/Services/${sid}`;
    await program.post(`${service}/Users`, { Identity: 'ann' });
    const { accountSid, authToken } = program.credentials;
    authorization = basic({ username: accountSid, password: authToken });
    events = eventsIn(program.dataDir).length;
  });
  afterAll(async () => {
    expect(await program.stop()).toBe(0);
  });

  /** Sends bytes as they are; answers what comes back before the server closes. */
  async function exchange(bytes: string | Buffer): Promise<{ status: number; body: string }> {
    const { hostname, port } = new URL(program.url);
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    socket.end(bytes);
    const answer = await text(socket);
    const end = answer.indexOf('\r\n\r\n');
    return { status: Number(answer.slice(9, 12)), body: answer.slice(end + 4) };
  }
  const raw = (method: string, target: string, headers: readonly string[] = [], body = '') =>
    exchange(
      [`${method} ${target} HTTP/1.1`, 'Host: x', 'Connection: close', ...headers, '', body].join(
        '\r\n',
      ),
    );
  const credentials = () => `Authorization: ${authorization}`;

  describe('without credentials get nowhere, however they write the path:', () => {
    it.each([
      ['/v2/Services', 401],
      ['/v1/Services', 401],
      ['/%762/Services', 401],
      ['/v%32/Services', 401],
      ['/%76%32/%53ervices', 401],
      ['http://elsewhere/v2/Services', 401],
      ['http://elsewhere/%762/Services', 401],
      ['http://x@y:1/v2/Services', 401],
      ['/v2/Services/', 401],
      ['/v2/Services?x=/health/live', 401],
      ['/v2/Services#/health/live', 401],
      ['/%761/Services', 401],
      ['/conversations/v1/Services', 401],
      ['/%63onversations/v1/Services', 401],
      ['/conversations', 401],
      ['//v2/Services', 404],
      ['/./v2/Services', 404],
      ['/health/../v2/Services', 404],
      ['/health/%2e%2e/v2/Services', 404],
      ['/V2/Services', 404],
      ['/v2%2FServices', 404],
      ['/docs/../v2/Services', 404],
      ['/docs/%2e%2e/v2/Services', 404],
      ['http://elsewhere/docs/../v2/Services', 404],
      ['*', 404],
    ])('%s is %i', async (target, status) => {
      const answer = await raw('GET', target);
      expect([target, answer.status]).toEqual([target, status]);
      expect(JSON.parse(answer.body)).toMatchObject({ status });
    });

    it.each(['HEAD', 'POST', 'DELETE', 'PUT', 'PATCH'])(
      '%s is no way in either',
      async (method) => {
        expect((await raw(method, '/%762/Services')).status).toBeGreaterThanOrEqual(401);
        const headers = [`X-HTTP-Method-Override: GET`, `Content-Type: ${FORM}`];
        expect((await raw(method, '/v2/Services', headers)).status).toBeGreaterThanOrEqual(401);
      },
    );
  });

  it.each([
    ['.', '%2e'],
    ['..', '%2e%2e'],
    ['../../Services', '..%2F..%2FServices'],
    ['..\\..\\Services', '..%5C..%5CServices'],
    ['ann\u0000', 'ann%00'],
    ['ann;x=1', 'ann;x=1'],
    ['%61nn', '%2561nn'],
    ['ann\r\nX-Injected: 1', 'ann%0d%0aX-Injected:%201'],
  ])('take %j in a path for an identity, and find nobody', async (_, segment) => {
    const answer = await program.get(`${service}/Users/${segment}`);
    expect([answer.status, answer.body['code']]).toEqual([404, 20404]);
    expect(answer.headers).not.toHaveProperty('x-injected');
  });

  it.each([
    [400, 'a path that encodes no UTF-8', () => raw('GET', '/v2/Services/%ff', [credentials()])],
    [400, 'a path with a broken escape', () => raw('GET', '/v2/Services/%z', [credentials()])],
    [400, 'a header without a colon', () => raw('GET', '/v2/Services', ['nonsense'])],
    [
      400,
      'two lengths',
      () => raw('POST', '/v2/Services', ['Content-Length: 1', 'Content-Length: 2'], 'xy'),
    ],
    [
      400,
      'a length beside chunks',
      () =>
        raw(
          'POST',
          '/v2/Services',
          ['Content-Length: 4', 'Transfer-Encoding: chunked'],
          '0\r\n\r\n',
        ),
    ],
    [
      431,
      'ten thousand headers',
      () =>
        raw(
          'GET',
          '/v2/Services',
          Array.from({ length: 10_000 }, (_, index) => `X-${index}: 1`),
        ),
    ],
    [
      401,
      'credentials of ten thousand characters',
      () => raw('GET', '/v2/Services', [`Authorization: Basic ${'A'.repeat(10_000)}`]),
    ],
    [
      401,
      'credentials that are no UTF-8',
      () =>
        raw('GET', '/v2/Services', [
          `Authorization: Basic ${Buffer.from([0xff, 0x3a, 0xff]).toString('base64')}`,
        ]),
    ],
    [
      400,
      'HTTP of another version',
      () => exchange('GET /v2/Services HTTP/9.9\r\nHost: x\r\n\r\n'),
    ],
  ])('are answered %i for %s', async (status, _, send) => {
    const answer = await send();
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body)).toMatchObject({ status });
  });

  it('are answered without a body to HEAD, also where the head is too long', async () => {
    const long = [`X-Long: ${'x'.repeat(20_000)}`];
    expect(await raw('HEAD', '/v2/Services', long)).toEqual({ status: 431, body: '' });
  });

  const bytes = (type: string, body: Buffer | string): RequestOptions => ({
    raw: body,
    headers: { 'content-type': type },
  });
  const latin = (body: string) => Buffer.from(body, 'latin1');

  it.each<[string, RequestOptions]>([
    ['a form of Latin-1', bytes(FORM, latin('Identity=zo\u00eb'))],
    ['a form that encodes Latin-1', bytes(FORM, 'Identity=zo%EB')],
    ['a form that encodes a surrogate', bytes(FORM, 'Identity=%ED%A0%80')],
    ['a form with an overlong slash', bytes(FORM, 'Identity=%C0%AF')],
    ['a form with U+0000', bytes(FORM, 'Identity=a%00')],
    ['a form with the prototype', bytes(FORM, 'Identity=a&__proto__=x')],
    ['JSON of Latin-1', bytes('application/json', latin('{"Identity":"zo\u00eb"}'))],
    [
      'JSON of UTF-16',
      bytes('application/json; charset=utf-16', Buffer.from('{"Identity":"a"}', 'utf16le')),
    ],
    ['JSON with a lone surrogate', bytes('application/json', '{"Identity":"\\ud83e"}')],
  ])('are refused with 400, and nothing is written: %s', async (_, options) => {
    const answer = await program.request('POST', `${service}/Users`, options);
    expect([answer.status, answer.body['code']]).toEqual([400, 20001]);
    expect(eventsIn(program.dataDir)).toHaveLength(events);
  });

  it.each<[number, RequestOptions]>([
    [415, { raw: 'x', headers: { 'content-type': `${FORM}x` } }],
    [415, { raw: 'x', headers: { 'content-type': 'multipart/form-data; boundary=x' } }],
    [
      415,
      {
        raw: 'Identity=gz',
        headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      },
    ],
  ])('are answered %i for a body that nobody reads: %j', async (status, options) => {
    const answer = await program.request('POST', `${service}/Users`, options);
    expect(answer.status).toBe(status);
    expect(eventsIn(program.dataDir)).toHaveLength(events);
  });

  it('of many parameters cost no more than their bytes', async () => {
    const body = Array.from({ length: 30_000 }, (_, index) => `p${index}=`).join('&');
    const startedAt = performance.now();
    const answer = await program.request('POST', `${service}/Users`, bytes(FORM, body));
    expect([answer.status, performance.now() - startedAt < 5_000]).toEqual([400, true]);
  });

  it('change no link by the headers of proxies', async () => {
    const headers = {
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'https',
      forwarded: 'host=evil.example',
    };
    const { text: answer } = await program.get('/v2/Services', { headers });
    expect(answer).not.toContain('evil.example');
  });

  describe('across Services', () => {
    let other: string;
    let otherSid: string;
    let binding: string;

    beforeAll(async () => {
      otherSid = (await program.post('/v2/Services', { FriendlyName: 'Secret' })).sid;
      other = `/v2/Services/${otherSid}`;
      for (const identity of ['ann', 'zed']) {
        await program.post(`${other}/Users`, { Identity: identity, FriendlyName: 'Secret' });
        const address = { BindingType: 'apn', Address: identity };
        binding = (await program.post(`${other}/Users/${identity}/Bindings`, address)).sid;
      }
    });

    const listed = async (path: string, key: string) =>
      (await program.get(path)).body[key] as JsonObject[];

    it('find nothing by filters', async () => {
      expect(await listed(`${service}/Bindings?Identity=ann&Identity=zed`, 'bindings')).toEqual([]);
      expect(await listed(`${service}/Bindings`, 'bindings')).toEqual([]);
    });

    it('find nothing by a sid of the other', async () => {
      const role = roleSids(otherSid).serviceUser;
      const paths = [`Bindings/${binding}`, `Users/ann/Bindings/${binding}`, `Roles/${role}`];
      for (const path of paths) {
        for (const method of ['GET', 'DELETE']) {
          expect((await program.request(method, `${service}/${path}`)).status).toBe(404);
        }
      }
      expect((await program.get(`${other}/Bindings/${binding}`)).status).toBe(200);
    });

    it('find only their own by a page token of the other', async () => {
      for (const [path, key] of [
        ['Users', 'users'],
        ['Bindings', 'bindings'],
      ] as const) {
        const { body } = await program.get(`${other}/${path}?PageSize=1`);
        const next = (body['meta'] as { next_page_url: string }).next_page_url;
        const token = new URL(next).searchParams.get('PageToken');
        const page = await listed(`${service}/${path}?PageToken=${token}`, key);
        expect(page.filter((row) => row['service_sid'] === otherSid)).toEqual([]);
      }
    });

    it('write twice with one Idempotency-Key, once in each', async () => {
      const options = { headers: { 'idempotency-key': 'same' } };
      const [here, there] = await Promise.all(
        [service, other].map((path) =>
          program.post(`${path}/Users`, { Identity: 'twin', FriendlyName: path }, options),
        ),
      );
      expect([here?.body['friendly_name'], there?.body['friendly_name']]).toEqual([service, other]);
    });
  });
});
