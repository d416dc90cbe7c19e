import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { ChatClient } from '#client';
import { RawClient } from '../conformance/twilsock/raw-client.ts';
import { freePorts } from '../support/free-ports.ts';
import { HttpClient } from '../support/http-client.ts';
import { startProgram, type Program } from '../support/program.ts';
import { accessToken, StreamClient } from '../support/stream-client.ts';
import { until } from '../support/until.ts';

/** The proxies of the documentation, with its examples, in front of the built program. */
const GUIDE = readFileSync(resolve(import.meta.dirname, '../../docs/proxies.md'), 'utf8');

/** Prefix of the examples. */
const PREFIX = '/reach';

interface Proxy {
  readonly name: string;
  /** Returns the configuration for a test, from the example of the guide. */
  readonly configure: (example: string, port: number, folder: string) => string;
  /** Returns the arguments of the program. */
  readonly start: (file: string, folder: string) => string[];
}

const PROXIES: readonly Proxy[] = [
  {
    name: 'nginx',
    configure: (example, port, folder) => `
      daemon off; pid ${folder}/pid; error_log stderr;
      events {}
      http {
        access_log off;
        client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy;
        fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
        ${example.replace('443 ssl', `127.0.0.1:${port}`).replaceAll(/^ *ssl_.*\n/gm, '')}
      }`,
    start: (file, folder) => ['-p', folder, '-c', file],
  },
  {
    name: 'haproxy',
    configure: (example, port) => example.replace(/bind :443 ssl crt .*/, `bind 127.0.0.1:${port}`),
    start: (file) => ['-db', '-f', file],
  },
  {
    name: 'caddy',
    configure: (example, port) =>
      `{\n admin off\n}\n${example.replace('example.com', `http://127.0.0.1:${port}`)}`,
    start: (file) => ['run', '--adapter', 'caddyfile', '--config', file],
  },
];

/** The example of the guide for a proxy. */
function exampleFor(name: string): string {
  const block = new RegExp(`<!-- ${name} -->\\s+\`\`\`\\w+\\n([^]*?)\`\`\``).exec(GUIDE)?.[1];
  if (block === undefined) throw new Error(`The guide has no example for ${name}`);
  return block;
}

/** Proxies that are not installed are skipped. */
const describeBehind = ({ name }: Proxy): typeof describe.skip =>
  spawnSync(name, [name === 'caddy' ? 'version' : '-v']).status === 0 ? describe : describe.skip;

it('The example for Envoy, which is not run, is YAML', () => {
  expect(parse(exampleFor('envoy'))).toHaveProperty('static_resources.listeners');
});

for (const proxied of PROXIES)
  describeBehind(proxied)(`Behind ${proxied.name}`, () => testBehind(proxied));

function testBehind({ name, configure, start }: Proxy): void {
  let folder: string;
  let proxy: ChildProcess;
  let startProxy: () => void;
  let program: Program;
  let client: HttpClient;
  let service: string;
  let url: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'reachability-proxy-'));
    const [port = 0, target = 0] = await freePorts(2);
    url = `http://127.0.0.1:${port}${PREFIX}`;
    const env = { PORT: String(target), PUBLIC_URL: url, TRUSTED_PROXIES: '1' };
    program = await startProgram({ env, untilReady: false });
    const file = join(folder, 'config');
    const example = exampleFor(name).replace('127.0.0.1:3000', `127.0.0.1:${target}`);
    writeFileSync(file, configure(example, port, folder));
    startProxy = () => {
      proxy = spawn(name, start(file, folder), {
        stdio: ['ignore', 'ignore', 'ignore'],
        env: { PATH: process.env['PATH'], HOME: folder, XDG_DATA_HOME: folder },
      });
    };
    startProxy();
    const { accountSid, authToken } = program.credentials;
    client = new HttpClient(url, { username: accountSid, password: authToken });
    await until(`${name} to answer`, async () => {
      const answer = await client.get(`${PREFIX}/health/ready`).catch(() => undefined);
      return answer?.status === 200 ? true : undefined;
    });
    service = (await client.post(`${PREFIX}/v2/Services`, { FriendlyName: 'Proxied' })).sid;
    await client.post(`${PREFIX}/v2/Services/${service}`, { ReachabilityEnabled: 'true' });
  });
  afterAll(async () => {
    client.disconnect();
    await stopProxy();
    await program.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function stopProxy(): Promise<void> {
    if (proxy.exitCode !== null || proxy.signalCode !== null) return;
    const exited = once(proxy, 'exit');
    proxy.kill('SIGTERM');
    await exited;
  }

  it('identities with a slash, a space and a percent sign find their User', async () => {
    for (const identity of ['a/b', 'a b', '100%', 'zoë 🦊']) {
      await client.post(`${PREFIX}/v2/Services/${service}/Users`, { Identity: identity });
      const path = `${PREFIX}/v2/Services/${service}/Users/${encodeURIComponent(identity)}`;
      expect((await client.get(path)).body).toMatchObject({ identity });
    }
  });

  it('paging links lead through the proxy', async () => {
    for (const identity of ['p', 'q']) {
      await client.post(`${PREFIX}/v2/Services/${service}/Users`, { Identity: identity });
    }
    const { body } = await client.get(`${PREFIX}/v2/Services/${service}/Users?PageSize=1`);
    const { next_page_url: next } = body['meta'] as { next_page_url: string };
    expect(next.startsWith(`${url}/v2/`)).toBe(true);
    expect((await client.get(new URL(next).pathname + new URL(next).search)).status).toBe(200);
  });

  it('clients of /stream and of Twilsock connect and are online', async () => {
    const stream = new StreamClient(
      `${url.replace('http', 'ws')}/stream?token=${accessToken(program, service, 'ann')}`,
    );
    expect(await stream.next()).toMatchObject({ type: 'ready', identity: 'ann' });
    const token = accessToken(program, service, 'ben');
    const { client: twilsock, reply } = await RawClient.init({ url }, token);
    expect(reply.header).toMatchObject({ status: { code: 200 } });
    for (const identity of ['ann', 'ben']) {
      await until(`${identity} to be online`, async () => {
        const { body } = await client.get(`${PREFIX}/v2/Services/${service}/Users/${identity}`);
        return body['is_online'] === true ? true : undefined;
      });
    }
    stream.terminate();
    twilsock.socket.terminate();
  });

  it('a restart of the proxy shows nobody as offline who comes back', async () => {
    // Long enough for a busy machine: a client is away until the proxy listens again.
    const settings = { GraceSeconds: '60' };
    await client.post(`${PREFIX}/v2/Services/${service}/Reachability`, settings);
    const watcher = await ChatClient.create(accessToken(program, service, 'cat'), { url });
    const other = await ChatClient.create(accessToken(program, service, 'dan'), { url });
    const states: (boolean | null)[] = [];
    const user = await watcher.getUser('dan');
    user.on('updated', () => states.push(user.isOnline));
    const reconnected = [watcher, other].map((one) => wasConnectedAgain(one));
    await stopProxy();
    startProxy();
    await Promise.all(reconnected);
    expect(user.isOnline).toBe(true);
    expect(states).not.toContain(false);
    await watcher.shutdown();
    await other.shutdown();
  });
}

/** Settles once a client that is connected has lost its connection, and has another one. */
async function wasConnectedAgain(client: ChatClient): Promise<void> {
  const again = Promise.withResolvers<undefined>();
  let wasLost = false;
  client.on('connectionStateChanged', (state) => {
    if (state !== 'connected') wasLost = true;
    else if (wasLost) again.resolve(undefined);
  });
  await again.promise;
}
