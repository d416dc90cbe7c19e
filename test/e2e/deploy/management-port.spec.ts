import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePorts } from '../../support/free-ports.ts';
import { basic, HttpClient } from '../../support/http-client.ts';
import { startProgram, type Program } from '../../support/program.ts';
import { until } from '../../support/until.ts';

const CLOSED = [
  '/metrics',
  '/docs',
  '/docs-json',
  '/docs-yaml',
  '/docs/swagger-ui.css',
  '/metrics/',
];
const NO_CREDENTIALS = { auth: null };

async function statuses(client: HttpClient, paths = CLOSED): Promise<number[]> {
  return Promise.all(paths.map(async (path) => (await client.get(path, NO_CREDENTIALS)).status));
}

function managementOf({ output }: Program): HttpClient {
  const url = /^Management is listening on (\S+)$/m.exec(output.stdout)?.[1];
  if (url === undefined) throw new Error(`No management port:\n${output.stdout}`);
  return new HttpClient(url, { username: '', password: '' });
}

/** A request on the public port whose body has begun: the program does not end before the socket does. */
async function slowRequest({ url, credentials }: Program): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const { accountSid: username, authToken: password } = credentials;
  const head = [
    'POST /v2/Services HTTP/1.1',
    `Host: ${hostname}`,
    `Authorization: ${basic({ username, password })}`,
    'Content-Type: application/x-www-form-urlencoded',
    'Content-Length: 100',
    'Expect: 100-continue',
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\nFriendlyName=`);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1.1 100 Continue/);
  return socket;
}

describe.each(['production', 'development'])('A management port in %s', (NODE_ENV) => {
  let program: Program;
  let management: HttpClient;

  beforeAll(async () => {
    program = await startProgram({ env: { NODE_ENV, MANAGEMENT_PORT: '0' } });
    management = managementOf(program);
  });
  afterAll(async () => {
    management.disconnect();
    await program.stop();
  });

  it('has metrics and documentation, and the public port has not', async () => {
    expect(await statuses(management)).toEqual(CLOSED.map(() => 200));
    expect(await statuses(program)).toEqual(CLOSED.map(() => 404));
    const { text } = await management.get('/metrics');
    expect(text).toMatch(/^reachability_/m);
    expect(text).toMatch(/^process_/m);
  });

  it('describes the API of the public port', async () => {
    const { body } = await management.get('/docs-json');
    expect(body['servers']).toEqual([{ url: program.url }]);
    expect(Object.keys(body['paths'] as object)).toContain('/v2/Services');
  });

  it('answers health, as the public port does', async () => {
    for (const client of [management, program]) {
      expect(await statuses(client, ['/health/live', '/health/ready'])).toEqual([200, 200]);
    }
  });

  it('has none of the API, and no headers for pages of other origins', async () => {
    expect(await statuses(management, ['/v2/Services', '/stream'])).toEqual([404, 404]);
    const { headers } = await management.get('/docs', { headers: { origin: 'https://a.example' } });
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff' });
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers).not.toHaveProperty('access-control-allow-origin');
  });
});

describe('The management port', () => {
  it('shows that the process stops until it has stopped', async () => {
    const [port = 0] = await freePorts(1);
    const program = await startProgram({
      env: { MANAGEMENT_PORT: String(port) },
    });
    const management = managementOf(program);
    const slow = await slowRequest(program);
    const stopped = program.stop();
    await until('health to say so', async () => {
      const answer = await management.get('/health/ready');
      return answer.status === 503 && answer.body['status'] === 'stopping' ? true : undefined;
    });
    slow.destroy();
    management.disconnect();
    expect(await stopped).toBe(0);
    await expect(management.get('/health/live')).rejects.toThrow(/ECONNREFUSED/);
    management.disconnect();
  });

  it('that is in use stops the start with one line that names it', async () => {
    const program = await startProgram();
    const { port } = new URL(program.url);
    try {
      await expect(startProgram({ env: { MANAGEMENT_PORT: port } })).rejects.toThrow(
        /ended during its start\s+MANAGEMENT_PORT: [^\n]*EADDRINUSE[^\n]*\n*$/,
      );
    } finally {
      await program.stop();
    }
  });
});

describe('Without a management port, metrics and documentation', () => {
  it.each([
    ['are closed in production', { NODE_ENV: 'production' }, 404],
    [
      'are public in production if asked for',
      { NODE_ENV: 'production', MANAGEMENT_PUBLIC: 'true' },
      200,
    ],
    ['are public in development', {}, 200],
  ])('%s', async (_, env, status) => {
    const program = await startProgram({ env });
    try {
      expect(await statuses(program)).toEqual(CLOSED.map(() => status));
    } finally {
      await program.stop();
    }
  });
});
