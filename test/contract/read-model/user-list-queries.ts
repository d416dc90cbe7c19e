import { userSid, userStream, type ReachabilityEvent } from '#domain';
import { START } from '#projections';
import type { ReadModel, UserConditions, UserRow, UsersState } from '#read-model';
import type { UserListQuery, UsersTable } from '#read-model/adapters/user-list/list-sql';
import { readUserList } from '#read-model/adapters/user-list/read-user-list';
import { serviceCreated, statesAfter, userCreated, place } from '../../support/users-history.ts';

const SERVICE = `IS${'1'.repeat(32)}`;
const FLAG = '00000005';
const EDGE = place(700);

const ANSWERS: readonly UserConditions['answer'][] = [
  null,
  { kind: 'unanswered', flag: FLAG },
  { kind: 'answered', flag: FLAG, states: [2, 3] },
  { kind: 'answered', flag: FLAG, states: [1] },
];
const IDENTITIES: readonly UserConditions['identities'][] = [
  null,
  { from: 'user 1', before: 'user 2' },
  { from: '\u{10ffff}', before: null },
];
const CURSORS = [{ after: null }, { after: EDGE }, { before: EDGE }];

/** Every combination of filters, orders and directions. */
export function* everyQuery(): Generator<UserListQuery> {
  for (const answer of ANSWERS) {
    for (const identities of IDENTITIES) {
      for (const by of ['created', 'lastChange'] as const) {
        for (const descending of [false, true]) {
          for (const cursor of CURSORS) {
            const page = { cursor, size: 50 };
            const conditions = { answer, identities };
            yield { serviceSid: SERVICE, conditions, order: { by, descending }, page };
          }
        }
      }
    }
  }
}

/** All statements that a page of a list may need, with their values. */
export function* statementsOf(
  table: UsersTable,
  query: UserListQuery,
): Generator<readonly [string, readonly (string | number)[]]> {
  // Whatever a count says, some page needs the statements that follow from it.
  for (const rows of [0, 1_000_000]) {
    const reading = readUserList(table, query);
    for (let next = reading.next(); next.done !== true;) {
      yield [next.value.text, next.value.values];
      next = reading.next(next.value.text.includes('count(*)') ? [counted(rows)] : []);
    }
  }
}

const counted = (rows: number) => ({ rows, lowest: EDGE, highest: EDGE });

/** Writes Users with every kind of answer. */
export async function fillWithUsers(readModel: ReadModel, users: number): Promise<void> {
  const [service, user] = await firstStates(serviceCreated(), userCreated());
  const changes = new Map<string, UsersState | null>([[`service-${SERVICE}`, service]]);
  for (let n = 0; n < users; n += 1) {
    const identity = `user ${n}`;
    const sid = userSid(SERVICE, identity);
    const position = place(n + 10);
    const answerFlag = n % 3 === 0 ? null : n % 3 === 1 ? FLAG : '00000004';
    const row: UserRow = {
      ...user,
      sid,
      identity,
      answerFlag,
      createdPosition: position,
      changedPosition: position,
    };
    changes.set(userStream(sid), row);
  }
  const rows = readModel.usersVersions.live();
  await rows.commit(START, { ...START, position: place(users + 10) }, changes);
}

async function firstStates(
  ...history: readonly ReachabilityEvent[]
): Promise<readonly [UsersState, UserRow]> {
  const states = [...(await statesAfter(...history)).values()];
  const user = states.find((state) => state?.kind === 'user');
  const service = states.find((state) => state?.kind === 'service');
  if (user === undefined || service === undefined) throw new Error('The history lacks a state');
  return [service, user];
}
