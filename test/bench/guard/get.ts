import { startProgram } from '../../support/program.ts';
import { startFixture, turn, type Target } from '../http-turns.ts';
import { createManyUsers, readsOf } from '../many-users.ts';
import { cpuSeconds } from '../realtime/server.ts';
import { ratioOf, type Work } from './ratio.ts';

const ROUNDS = 3;
const REQUESTS = 4_000;

/** `GET` of a User, compared with a bare Fastify route that answers the same bytes. */
export async function getRatio(): Promise<number> {
  const program = await startProgram({ env: { LOG_LEVEL: 'error' } });
  try {
    const users = await createManyUsers(program);
    const { text } = await program.get(`${users.list}/${users.sids[0]}`);
    const bare = await startFixture('bare-fastify.ts', `${users.list}/:user`, text);
    try {
      const ofBare = readsOf(users, program.credentials, bare.url);
      const ofOurs = readsOf(users, program.credentials, program.url);
      return await ratioOf(
        {
          ours: () => send(ofOurs, program.pid ?? 0),
          bare: () => send(ofBare, bare.child.pid ?? 0),
        },
        ROUNDS,
      );
    } finally {
      bare.child.kill();
    }
  } finally {
    await program.stop();
  }
}

async function send(target: Target, pid: number): Promise<Work> {
  const before = cpuSeconds(pid);
  const { requests } = await turn(target, REQUESTS);
  return { operations: requests, cpuSeconds: cpuSeconds(pid) - before };
}
