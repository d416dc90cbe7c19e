/**
 * Compares `GET .../Users/{sid}` of many Users with a bare Fastify route that answers the bytes of one. Each runs in its own
 * process, with autocannon in a third. They take turns, so that other load of the machine affects both.
 * Run: `npm run bench -- read-user`
 */
import { startProgram } from '../support/program.ts';
import { printTurns, startFixture, turn, type Turn } from './http-turns.ts';
import { createManyUsers, readsOf } from './many-users.ts';
import { printMachine } from './report.ts';

const ROUNDS = 5;

const program = await startProgram({ env: { LOG_LEVEL: 'error' } });
try {
  const users = await createManyUsers(program);
  const { text } = await program.get(`${users.list}/${users.sids[0]}`);
  const bare = await startFixture('bare-fastify.ts', `${users.list}/:user`, text);
  const ofBare = readsOf(users, program.credentials, bare.url);
  const ofOurs = readsOf(users, program.credentials, program.url);
  try {
    printMachine(0);
    await turn(ofBare);
    await turn(ofOurs);
    const results: { bare: Turn[]; ours: Turn[] } = { bare: [], ours: [] };
    for (let round = 0; round < ROUNDS; round += 1) {
      results.bare.push(await turn(ofBare));
      results.ours.push(await turn(ofOurs));
    }
    printTurns('bare Fastify route', results.bare);
    printTurns('GET .../Users/{sid}', results.ours, results.bare);
  } finally {
    bare.child.kill();
  }
} finally {
  await program.stop();
}
