/**
 * Demonstrates the service in a terminal, through its public HTTP API and sockets only.
 *
 * Usage: `npm run demo` starts a server of its own. `npm run demo -- --url URL` uses a running one; it needs
 * ACCOUNT_SID and AUTH_TOKEN (or an API key and its secret) in the environment.
 */
import { parseArgs } from 'node:util';
import { Api } from './demo/api.ts';
import { Story } from './demo/story.ts';
import { startTemporaryServer } from './demo/temporary-server.ts';

const print = (line: string) => console.log(line);

async function runAt(url: string): Promise<void> {
  const username = process.env['ACCOUNT_SID'];
  const password = process.env['AUTH_TOKEN'];
  if (username === undefined || password === undefined) {
    throw new Error('--url needs ACCOUNT_SID and AUTH_TOKEN in the environment');
  }
  await new Story(new Api(url, { username, password }), print).run();
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
  const { values } = parseArgs({ options: { url: { type: 'string' } } });
  await (values.url === undefined ? runAtTemporaryServer() : runAt(values.url));
  print('\nEvery answer was as expected.');
} catch (error) {
  console.error(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
