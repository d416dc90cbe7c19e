import type { Page, PageCursor, PageRequest, ReadModel } from '#read-model';

/** Every answer of a read model, read in all the ways that it can be: to be compared with that of another engine. */
export async function everyAnswer(
  { users, timeline, summary }: ReadModel,
  times: readonly string[],
): Promise<unknown> {
  const services = await walk(
    (page) => users.services(page),
    (row) => row.createdPosition,
  );
  const answers: unknown[] = [await users.checkpoint(), services];
  for (const { sid } of services) {
    const list = await walk(
      async (page) => (await users.users(sid, page))?.page ?? null,
      (row) => row.createdPosition,
    );
    const bindings = await walk(
      (page) => users.bindings(sid, {}, page),
      (row) => row.createdPosition,
    );
    answers.push(list, bindings, await users.bindings(sid, { types: ['apn'] }, FIRST));
    const sids = list.map((user) => user.sid);
    answers.push(await summary.summary(sid, ['minute', 'hour']));
    answers.push(await users.usersBySid(sid, sids.slice(0, 1)));
    answers.push(await users.profilesBySid(sid, sids.slice(0, 1)));
    for (const user of list) {
      answers.push(
        await users.user(sid, user.sid),
        await users.connections(sid, user.sid, FIRST),
        await users.bindings(sid, { userSid: user.sid, identities: [user.identity] }, FIRST),
        await walk(
          (page) => timeline.history(sid, user.sid, page),
          (row) => row.position,
        ),
      );
      for (const at of times) answers.push(await timeline.asOf(sid, user.sid, at));
    }
  }
  answers.push((await users.nodes()).nodes.toSorted(byJson), await users.httpConnections('', 100));
  for (const { nodeId } of (await users.nodes()).nodes) {
    answers.push(await users.orphanedConnections({ nodeId, incarnation: 100 }, null, 100));
  }
  return answers;
}

const FIRST: PageRequest = { cursor: { after: null }, size: 3 };

/** Rows of all pages, forwards; each page is also read backwards from the next, and must be the same. */
async function walk<Row>(
  read: (page: PageRequest) => Promise<Page<Row> | null>,
  positionOf: (row: Row) => string,
): Promise<Row[]> {
  const rows: Row[] = [];
  let cursor: PageCursor = { after: null };
  for (;;) {
    const page: Page<Row> | null = await read({ cursor, size: FIRST.size });
    rows.push(...(page?.rows ?? []));
    const last = page?.rows.at(-1);
    if (page?.hasNext !== true || last === undefined) return rows;
    const next = await read({ cursor: { after: positionOf(last) }, size: FIRST.size });
    const edge = next?.rows[0];
    if (edge !== undefined) {
      const back = await read({ cursor: { before: positionOf(edge) }, size: FIRST.size });
      const same = JSON.stringify(back?.rows) === JSON.stringify(page.rows);
      if (!same) throw new Error(`Backwards from ${positionOf(edge)} is another page`);
    }
    cursor = { after: positionOf(last) };
  }
}

function byJson(left: unknown, right: unknown): number {
  return JSON.stringify(left) < JSON.stringify(right) ? -1 : 1;
}
