import { createService } from '../support/services.ts';
import { basic } from '../support/http-client.ts';
import type { Program } from '../support/program.ts';
import type { Target } from './http-turns.ts';

/** Users that a load reads in turn: more than are asked for at the same time. */
const USERS = 500;

/** Some Users of a new Service with reachability enabled. The first is online. */
export interface ManyUsers {
  /** Path of their list. */
  readonly list: string;
  readonly sids: readonly string[];
}

export async function createManyUsers(program: Program): Promise<ManyUsers> {
  const list = `/v2/Services/${await createService(program)}/Users`;
  const sids: string[] = [];
  for (let n = 0; n < USERS; n += 1) {
    const user = await program.post(list, { Identity: `u${n}`, Attributes: '{"team":"sales"}' });
    sids.push(user.sid);
  }
  await program.post(`${list}/u0/Connections`);
  return { list, sids };
}

/** Returns a load that reads each of some Users in turn, from the service or from a bare server beside it. */
export function readsOf(
  { list, sids }: ManyUsers,
  { accountSid, authToken }: Program['credentials'],
  origin: string,
): Target {
  return {
    origin,
    paths: sids.map((sid) => `${list}/${sid}`),
    authorization: basic({ username: accountSid, password: authToken }),
  };
}
