import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { basic, type RequestOptions } from '../../support/http-client.ts';
import { startProgram, type Program } from '../../support/program.ts';

const FORM = 'application/x-www-form-urlencoded';
const form = (raw: string): RequestOptions => ({ raw, headers: { 'content-type': FORM } });
const repeated = (count: number, parameter: string) =>
  Array<string>(count).fill(parameter).join('&');

describe('Limits of a request', () => {
  let program: Program;
  let service: string;

  beforeAll(async () => {
    program = await startProgram({ env: { REQUEST_TIMEOUT_SECONDS: '2' } });
    const { sid } = await program.post('/v2/Services', { FriendlyName: 'Limits' });
    service = `/v2/Services/${sid}`;
    await program.post(`${service}/Users`, { Identity: 'ann' });
  });
  afterAll(async () => {
    expect(await program.stop()).toBe(0);
  });

  describe('count parameters', () => {
    const json = (value: unknown): RequestOptions => ({ json: value });
    const keys = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${index}`, 1]));

    it.each<[string, string, RequestOptions]>([
      ['90,000 Users in a form', '/Reachability/Query', form(repeated(90_000, 'User=ann'))],
      ['90,000 Users in JSON', '/Reachability/Query', json({ User: Array(90_000).fill('ann') })],
      [
        '20,000 different parameters in a form',
        '/Users',
        form(Object.keys(keys(20_000)).join('&')),
      ],
      ['20,000 keys in JSON', '/Users', json({ Identity: 'x', ...keys(20_000) })],
      ['20,000 keys inside a parameter', '/Users', json({ Identity: 'x', y: keys(20_000) })],
      [
        '50,000 levels',
        '/Users',
        { raw: '['.repeat(50_000), headers: { 'content-type': 'application/json' } },
      ],
      [
        '5,000 parameters in a query string',
        `/Users?${repeated(5_000, 'a')}`,
        json({ Identity: 'x' }),
      ],
    ])('and refuse %s', async (_, path, options) => {
      const answer = await program.request('POST', `${service}${path}`, options);
      expect([answer.status, answer.body['code'], answer.body['message']]).toEqual([
        400,
        20001,
        'A request must have at most 2000 parameters and values',
      ]);
    });

    it('and refuse a list with 5,000 parameters in its query string', async () => {
      expect((await program.get(`${service}/Users?${repeated(5_000, 'a')}`)).status).toBe(400);
    });

    it('and allow a query for 1,000 Users', async () => {
      const path = `${service}/Reachability/Query`;
      const users = Array.from({ length: 1_000 }, (_, index) => `user-${index}`);
      expect((await program.post(path, { User: users })).status).toBe(200);
      expect((await program.request('POST', path, json({ User: users }))).status).toBe(200);
    });
  });

  describe('on Attributes', () => {
    const update = (Attributes: string) => program.post(`${service}/Users/ann`, { Attributes });

    it.each(['{"a":1}', '[]', '"text"', '7', 'true', 'false', 'null'])(
      'accept any JSON: %s',
      async (attributes) => {
        expect((await update(attributes)).body).toMatchObject({ attributes });
      },
    );

    it.each(['{', 'text', '', "{'a':1}", 'undefined'])(
      "refuse other text with Twilio's code: %j",
      async (attributes) => {
        expect((await update(attributes)).body).toMatchObject({
          status: 400,
          code: 50304,
          message: 'Attributes must be a JSON document',
        });
      },
    );
  });

  it.each([
    ['gzip', gzipSync('Identity=zip')],
    ['br', 'Identity=zip'],
    ['identity, gzip', 'Identity=zip'],
  ])('refuse a body with Content-Encoding: %s', async (encoding, raw) => {
    const headers = { 'content-type': FORM, 'content-encoding': encoding };
    const answer = await program.request('POST', `${service}/Users`, { raw, headers });
    expect([answer.status, answer.body['message']]).toEqual([
      415,
      'Content-Encoding must be identity: send the body uncompressed',
    ]);
  });

  it('accept a body with Content-Encoding: identity', async () => {
    const headers = { 'content-type': FORM, 'content-encoding': 'Identity' };
    const request = { raw: 'Identity=plain', headers };
    expect((await program.request('POST', `${service}/Users`, request)).status).toBe(201);
  });

  /** Opens a socket and sends the head of a request. Its body is up to the caller. */
  function begin(headers: readonly string[]): Socket {
    const { hostname, port } = new URL(program.url);
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    const head = [`POST ${service}/Users HTTP/1.1`, 'Host: x', ...headers, '', ''];
    socket.write(head.join('\r\n'));
    return socket;
  }
  const authorized = () => {
    const { accountSid, authToken } = program.credentials;
    const authorization = basic({ username: accountSid, password: authToken });
    return [`Authorization: ${authorization}`, `Content-Type: ${FORM}`];
  };

  /** Sends a byte of the body now and then, and returns what was answered before the server closed. */
  async function trickle(socket: Socket): Promise<string> {
    const timer = setInterval(() => socket.write('a'), 100);
    try {
      return await text(socket);
    } finally {
      clearInterval(timer);
    }
  }

  describe('end a request whose body trickles', () => {
    it('in time after its answer', async () => {
      const startedAt = performance.now();
      const answer = await trickle(begin(['Content-Length: 100000']));
      expect(answer).toMatch(/^HTTP\/1.1 401 /);
      expect(answer).toMatch(/^connection: close\r$/im);
      expect(performance.now() - startedAt).toBeLessThan(8_000);
    });

    it('in time without an answer', async () => {
      const startedAt = performance.now();
      const answer = await trickle(begin([...authorized(), 'Content-Length: 100000']));
      expect(answer).toMatch(/^HTTP\/1.1 408 /);
      expect(performance.now() - startedAt).toBeLessThan(8_500);
    });
  });

  it.each([
    ['a length', 413, () => [...authorized(), 'Content-Length: 4000000']],
    ['chunks', 413, () => [...authorized(), 'Transfer-Encoding: chunked']],
    ['no credentials', 401, () => ['Content-Length: 4000000']],
    [
      'a media type',
      415,
      () => [authorized()[0] ?? '', 'Content-Type: text/xml', 'Content-Length: 4000000'],
    ],
  ])('reach a client that is still sending: %s, %i', async (_, status, headers) => {
    const lines = headers();
    const socket = begin(lines);
    const answer = text(socket);
    const block = 'a'.repeat(40_000);
    const isChunked = lines.some((line) => line.includes('chunked'));
    const piece = isChunked ? `${block.length.toString(16)}\r\n${block}\r\n` : block;
    for (let sent = 0; sent < 100; sent += 1) {
      await new Promise((resolve) => socket.write(piece, resolve));
    }
    if (isChunked) socket.write('0\r\n\r\n');
    expect(await answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(await answer).toMatch(/^connection: close\r$/im);
    expect(await answer).toMatch(/\}$/);
  });
});

describe('The headers of an answer', () => {
  const ORIGIN = 'https://app.example.org';
  let program: Program;

  beforeAll(async () => {
    program = await startProgram({ env: { CORS_ORIGINS: ORIGIN } });
  });
  afterAll(async () => {
    expect(await program.stop()).toBe(0);
  });

  it.each<[number, string, RequestOptions]>([
    [200, '/v2/Services', {}],
    [200, '/health/live', {}],
    [200, '/metrics', {}],
    [200, '/docs', {}],
    [200, '/docs/swagger-ui-bundle.js', {}],
    [400, '/v2/Services/%zz', {}],
    [401, '/v2/Services', { auth: null }],
    [404, '/nothing', {}],
    [431, '/v2/Services', { headers: { 'x-long': 'x'.repeat(20_000) } }],
  ])('forbid sniffing: %i %s', async (status, path, options) => {
    const answer = await program.get(path, options);
    expect([answer.status, answer.headers['x-content-type-options']]).toEqual([status, 'nosniff']);
  });

  it.each(['/docs', '/docs/'])('restrict the page %s to its own files', async (path) => {
    const { headers, text: page } = await program.get(path);
    const policy = headers['content-security-policy'];
    expect(policy).toContain("default-src 'none'; script-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    // The policy stops scripts inside the page.
    expect(page).toMatch(/<script src=/);
    expect(page).not.toMatch(/<script(?! src=)|\son[a-z]+=/);
  });

  it.each(['/v2/Services', '/docs-json'])('have no policy for pages on %s', async (path) => {
    expect((await program.get(path)).headers).not.toHaveProperty('content-security-policy');
  });

  it.each(['/v2/Services', '/v2/Services/%zz', '/nothing'])(
    'allow only the origins of CORS_ORIGINS: %s',
    async (path) => {
      const allowed = async (origin: string) =>
        (await program.get(path, { headers: { origin } })).headers['access-control-allow-origin'];
      expect(await allowed(ORIGIN)).toBe(ORIGIN);
      expect(await allowed('https://evil.example')).toBeUndefined();
    },
  );
});
