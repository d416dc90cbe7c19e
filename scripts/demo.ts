/**
 * Tells the story of the service in a terminal, over nothing but its public HTTP and sockets.
 *
 * Run: `npm run demo` for a server of its own, or `npm run demo -- --url URL` with ACCOUNT_SID and AUTH_TOKEN
 * (or an API key and its secret) in the environment for one that runs.
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
    print(`A server for this demo listens on ${server.url}`);
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
  console.error(`\nThe story broke off: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
