/**
 * Compares `GET .../Users/{sid}` with a bare Fastify route that answers the same bytes. Each runs in its own process,
 * with autocannon in a third. They take turns, so that other load of the machine affects both.
 * Run: `node --conditions=source test/bench/read-user.ts`, after a build
 */
import { basic } from '../support/http-client.ts';
import { startProgram } from '../support/program.ts';
import { createService } from '../support/services.ts';
import { printTurns, startFixture, turn, type Turn } from './http-turns.ts';
import { printMachine } from './report.ts';

const ROUNDS = 5;

const program = await startProgram({ env: { LOG_LEVEL: 'error' } });
try {
  const users = `/v2/Services/${await createService(program)}/Users`;
  const user = await program.post(users, { Identity: 'ann', Attributes: '{"team":"sales"}' });
  await program.post(`${users}/ann/Connections`);
  const path = `${users}/${user.sid}`;
  const { text } = await program.get(path);
  const { accountSid, authToken } = program.credentials;
  const authorization = basic({ username: accountSid, password: authToken });
  const bare = await startFixture('bare-fastify.ts', path, text);
  try {
    printMachine(0);
    await turn(`${bare.url}${path}`, authorization);
    await turn(`${program.url}${path}`, authorization);
    const results: { bare: Turn[]; ours: Turn[] } = { bare: [], ours: [] };
    for (let round = 0; round < ROUNDS; round += 1) {
      results.bare.push(await turn(`${bare.url}${path}`, authorization));
      results.ours.push(await turn(`${program.url}${path}`, authorization));
    }
    printTurns('bare Fastify route', results.bare);
    printTurns('GET .../Users/{sid}', results.ours, results.bare);
  } finally {
    bare.child.kill();
  }
} finally {
  await program.stop();
}
