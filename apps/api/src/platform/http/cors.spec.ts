import { describe, expect, it } from '@jest/globals';
import { fastify, type FastifyInstance, type LightMyRequestResponse } from 'fastify';
import { setAnswerHeaders } from './answer-headers.ts';
import { answerPreflights, corsHeaders } from './cors.ts';

const PREFLIGHT = {
  origin: 'https://app.example.org',
  'access-control-request-method': 'POST',
  'access-control-request-headers': 'authorization,content-type',
};

/** A server whose protected route refuses every request. */
function guarded(allowedOrigins = '*'): FastifyInstance {
  const server = fastify();
  answerPreflights(server);
  setAnswerHeaders(server, corsHeaders(allowedOrigins));
  server.addHook('onRequest', (request, _reply, done) =>
    done(request.url === '/open' ? undefined : new Error('Who are you?')),
  );
  server.get('/open', () => 'open');
  return server;
}

const names = (header: unknown): string[] => String(header).toLowerCase().split(', ');

function expectAllowed({ headers }: LightMyRequestResponse): void {
  expect(headers['access-control-allow-origin']).toBe('*');
  expect(headers).not.toHaveProperty('access-control-allow-credentials');
  expect(names(headers['access-control-allow-methods'])).toEqual([
    'get',
    'post',
    'delete',
    'options',
  ]);
  expect(names(headers['access-control-allow-headers'])).toEqual(
    expect.arrayContaining(['authorization', 'content-type', 'x-twilio-webhook-enabled']),
  );
  expect(names(headers['access-control-expose-headers'])).toContain('x-request-id');
}

describe('A page of another origin', () => {
  it.each([
    ['/open', 200],
    ['/closed', 500],
  ])('may read the answer of %s: %i', async (url, status) => {
    const answer = await guarded().inject({ method: 'GET', url });
    expect(answer.statusCode).toBe(status);
    expectAllowed(answer);
  });

  it.each(['/open', '/closed', '/nowhere/at/all'])(
    'may ask before it asks, without credentials: %s',
    async (url) => {
      const answer = await guarded().inject({ method: 'OPTIONS', url, headers: PREFLIGHT });
      expect([answer.statusCode, answer.body]).toEqual([204, '']);
      expect(Number(answer.headers['access-control-max-age'])).toBeGreaterThan(0);
      expectAllowed(answer);
    },
  );
});

describe('A list of allowed origins', () => {
  const ALLOWED = 'https://app.example.org,http://localhost:8080';
  const headersFor = async (origin?: string, method: 'GET' | 'OPTIONS' = 'GET') => {
    const headers = origin === undefined ? {} : { ...PREFLIGHT, origin };
    return (await guarded(ALLOWED).inject({ method, url: '/closed', headers })).headers;
  };

  it.each(ALLOWED.split(','))('allows %s without credentials of the browser', async (origin) => {
    for (const method of ['GET', 'OPTIONS'] as const) {
      const headers = await headersFor(origin, method);
      expect(headers).toMatchObject({ 'access-control-allow-origin': origin, vary: 'Origin' });
      expect(headers).not.toHaveProperty('access-control-allow-credentials');
      expect(names(headers['access-control-allow-headers'])).toContain('authorization');
    }
  });

  it.each([
    undefined,
    'null',
    'https://app.example.org.evil.example',
    'https://evil.example',
    'http://app.example.org',
    'http://localhost:8081',
  ])('allows nothing to %s', async (origin) => {
    for (const method of ['GET', 'OPTIONS'] as const) {
      const headers = await headersFor(origin, method);
      expect(headers['vary']).toBe('Origin');
      const allowed = Object.keys(headers).filter((name) =>
        name.startsWith('access-control-allow'),
      );
      expect(allowed).toEqual([]);
    }
  });
});
