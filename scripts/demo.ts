/**
 * Demonstrates the service in a terminal, through its public HTTP API and sockets only.
 *
 * Usage: `npm run demo` starts a server of its own. `npm run demo -- --url URL` uses a running one, with ACCOUNT_SID and
 * AUTH_TOKEN (or an API key and its secret) from the environment, else those of a server of this checkout.
 * `npm run demo -- --live` fills a Service of a running server with Users who come and go, until Ctrl-C.
 */
import { parseArgs } from 'node:util';
import { Api } from './demo/api.ts';
import { LiveCrowd } from './demo/live-crowd.ts';
import { localCredentials } from './demo/local-credentials.ts';
import { Story } from './demo/story.ts';
import { startTemporaryServer } from './demo/temporary-server.ts';

const LOCAL_URL = 'http://127.0.0.1:3000';

const print = (line: string) => console.log(line);

async function runAt(url: string): Promise<void> {
  await new Story(new Api(url, localCredentials()), print).run();
}

async function liveAt(url: string): Promise<void> {
  const ended = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => ended.abort());
  const crowd = await LiveCrowd.create(new Api(url, localCredentials()));
  print(`${crowd.size} Users of the Service "Live demo" come and go. Watch them at ${url}/console`);
  print('Ctrl-C lets them leave.');
  await crowd.live(ended.signal);
}

async function runAtTemporaryServer(): Promise<void> {
  const server = await startTemporaryServer();
  try {
    print(`The demo server listens on ${server.url}`);
    await new Story(new Api(server.url, server.credentials), print).run();
  } finally {
    await server.stop();
  }
}

try {
  const { values } = parseArgs({
    options: { url: { type: 'string' }, live: { type: 'boolean', default: false } },
  });
  if (values.live) {
    await liveAt(values.url ?? LOCAL_URL);
  } else {
    await (values.url === undefined ? runAtTemporaryServer() : runAt(values.url));
    print('\nEvery answer was as expected.');
  }
} catch (error) {
  console.error(`\nThe demo failed: ${inWords(error)}`);
  process.exitCode = 1;
}

/** An error of `fetch` has its reason in `cause`. */
function inWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const refused =
    error.cause instanceof Error && 'code' in error.cause && error.cause.code === 'ECONNREFUSED';
  return refused
    ? 'there is no server: start one with npm start, or name it with --url'
    : error.message;
}
