import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { nodeStream, serviceStream, userSid, userStream, type ReachabilityEvent } from '#domain';
import { foldBatch, START, type Checkpoint } from '#projections';
import {
  bound,
  closed,
  enabled,
  minute,
  node,
  opened,
  place,
  recorded,
  serviceDeleted,
  serviceCreated,
  statesAfter,
  userDeleted,
  userCreated,
} from '../../support/users-history.ts';
import { usersProjection, type Page, type PageRequest, type ReadModel } from '#read-model';
import type { OpenedReadModel, OpenReadModel } from './opened.ts';

const ONE = `IS${'1'.repeat(32)}`;
const TWO = `IS${'2'.repeat(32)}`;
const ann = userSid(ONE, 'ann');
const sid = (prefix: string, n: number): string => prefix + String(n).padStart(32, '0');
const CN = (n: number): string => sid('CN', n);
const BS = (n: number): string => sid('BS', n);
const range = (length: number): number[] => Array.from({ length }, (_, index) => index);
const ALL: PageRequest = { cursor: { after: null }, size: 100 };

/** Sids of every page, going forwards from the beginning, then backwards from the last page. */
async function walk<Row extends { readonly sid: string }>(
  read: (page: PageRequest) => Promise<Page<Row> | null>,
  positionOf: (row: Row) => string,
  size: number,
): Promise<{ readonly forwards: string[][]; readonly backwards: string[][] }> {
  const sids = (page: Page<Row> | null): string[] => page?.rows.map((row) => row.sid) ?? [];
  const forwards: string[][] = [];
  const backwards: string[][] = [];
  let page = await read({ cursor: { after: null }, size });
  expect(page?.hasPrevious).toBe(false);
  forwards.push(sids(page));
  while (page?.hasNext === true) {
    page = await read({ cursor: { after: positionOf(page.rows.at(-1)!) }, size });
    expect(page?.hasPrevious).toBe(true);
    forwards.push(sids(page));
  }
  while (page?.hasPrevious === true) {
    page = await read({ cursor: { before: positionOf(page.rows[0]!) }, size });
    expect(page?.hasNext).toBe(true);
    backwards.push(sids(page));
  }
  return { forwards, backwards };
}

/** What every read model of Users does. */
export function usersContract(adapter: string, open: OpenReadModel): void {
  describe(`Users in ${adapter}`, () => {
    let inUse: OpenedReadModel;
    let model: ReadModel;

    beforeEach(async () => {
      inUse = await open();
      model = inUse.readModel;
    });
    afterEach(() => inUse.close());

    /** Projects a whole history in one transaction. */
    async function project(...history: readonly ReachabilityEvent[]): Promise<void> {
      const rows = model.usersVersions.live();
      const from = await rows.checkpoint();
      const events = recorded(history);
      const folded = await foldBatch(usersProjection, (keys) => rows.load(keys), events, from);
      await rows.commit(from, folded.checkpoint, folded.changes);
    }

    describe('Lists', () => {
      it.each([
        [1, [[0], [1], [2], [3], [4], [5]]],
        [
          2,
          [
            [0, 1],
            [2, 3],
            [4, 5],
          ],
        ],
        [
          4,
          [
            [0, 1, 2, 3],
            [4, 5],
          ],
        ],
        [6, [[0, 1, 2, 3, 4, 5]]],
        [7, [[0, 1, 2, 3, 4, 5]]],
      ])(
        'of Users, by pages of %i: each User once, oldest first, both ways',
        async (size, pages) => {
          const names = range(6).map((n) => `user ${5 - n}`);
          await project(serviceCreated(), ...names.map((name) => userCreated(name)));
          const { forwards, backwards } = await walk(
            async (page) => (await model.users.users(ONE, page))?.page ?? null,
            ({ createdPosition }) => createdPosition,
            size,
          );
          const expected = pages.map((page) => page.map((n) => userSid(ONE, names[n]!)));
          expect(forwards).toEqual(expected);
          const back = backwards.flatMap((page) => page.reverse()).reverse();
          expect(back).toEqual(expected.flat().slice(0, back.length));
          expect(backwards.length).toBe(
            Math.ceil((expected.flat().length - expected.at(-1)!.length) / size),
          );
        },
      );

      it('of Services leave out deleted ones, and page in order of creation', async () => {
        const services = range(5).map((n) => sid('IS', 9 - n));
        await project(
          ...services.map((service) => serviceCreated(service)),
          serviceDeleted(services[2]),
        );
        const { forwards, backwards } = await walk(
          (page) => model.users.services(page),
          ({ createdPosition }) => createdPosition,
          3,
        );
        const [a, b, , d, e] = services;
        expect(forwards).toEqual([[a, b, d], [e]]);
        expect(backwards).toEqual([[a, b, d]]);
      });

      it('of Connections contain only the open ones of the User', async () => {
        await project(
          serviceCreated(),
          userCreated(),
          userCreated('bob'),
          ...range(3).map((n) => opened(CN(9 - n))),
          opened(CN(1), null, 'bob'),
          closed(CN(8), minute(5)),
        );
        const { forwards } = await walk(
          (page) => model.users.connections(ONE, ann, page),
          ({ openedPosition }) => openedPosition,
          1,
        );
        expect(forwards).toEqual([[CN(9)], [CN(7)]]);
      });

      it('of Bindings keep the order when one is registered again', async () => {
        await project(
          serviceCreated(),
          userCreated(),
          ...range(3).map((n) => bound(BS(9 - n))),
          bound(BS(9), 'apn'),
        );
        const { forwards } = await walk(
          (page) => model.users.bindings(ONE, {}, page),
          ({ createdPosition }) => createdPosition,
          2,
        );
        expect(forwards).toEqual([[BS(9), BS(8)], [BS(7)]]);
      });

      it('that are empty have no previous or next page', async () => {
        await project(serviceCreated(), userCreated());
        const empty = { rows: [], hasPrevious: false, hasNext: false };
        expect(await model.users.connections(ONE, ann, ALL)).toEqual(empty);
        expect(await model.users.bindings(ONE, {}, ALL)).toEqual(empty);
        expect((await model.users.users(ONE, ALL))?.page.rows).toHaveLength(1);
      });
    });

    describe('Bindings', () => {
      beforeEach(() =>
        project(
          serviceCreated(),
          userCreated('ann'),
          userCreated('bob'),
          bound(BS(1), 'fcm', 'ann'),
          bound(BS(2), 'apn', 'ann'),
          bound(BS(3), 'fcm', 'bob'),
          serviceCreated(TWO),
          userCreated('ann', TWO),
          bound(BS(4), 'fcm', 'ann', TWO),
        ),
      );

      it.each([
        ['nothing', {}, [1, 2, 3]],
        ['a User', { userSid: ann }, [1, 2]],
        ['a type', { types: ['fcm'] }, [1, 3]],
        ['several types', { types: ['fcm', 'apn'] }, [1, 2, 3]],
        ['a type that none has', { types: ['gcm'] }, []],
        ['an identity', { identities: ['bob'] }, [3]],
        ['several identities', { identities: ['bob', 'ann', 'nobody'] }, [1, 2, 3]],
        ['all of it', { userSid: ann, types: ['apn'], identities: ['ann'] }, [2]],
        ['a User and the identity of another', { userSid: ann, identities: ['bob'] }, []],
      ] as const)('are found by %s, in their Service alone', async (_, filter, found) => {
        const page = await model.users.bindings(ONE, filter, ALL);
        expect(page?.rows.map((row) => row.sid)).toEqual(found.map(BS));
      });

      it('name their User', async () => {
        const page = await model.users.bindings(ONE, { identities: ['bob'] }, ALL);
        const bobs = {
          sid: BS(3),
          userSid: userSid(ONE, 'bob'),
          identity: 'bob',
          bindingType: 'fcm',
        };
        expect(page?.rows).toMatchObject([bobs]);
        expect(await model.users.binding(ONE, BS(3))).toMatchObject(bobs);
      });

      it('of a User that does not exist are null', async () => {
        const nobody = userSid(ONE, 'nobody');
        expect(await model.users.bindings(ONE, { userSid: nobody }, ALL)).toBeNull();
      });
    });

    describe('An item of a Service', () => {
      const history = [
        serviceCreated(),
        serviceCreated(TWO),
        enabled(),
        userCreated(),
        opened(CN(1)),
        bound(BS(1)),
      ];

      async function everythingIn(serviceSid: string): Promise<Record<string, unknown>> {
        const { users } = model;
        return {
          service: await users.service(serviceSid),
          user: await users.user(serviceSid, ann),
          users: await users.users(serviceSid, ALL),
          connections: await users.connections(serviceSid, ann, ALL),
          connection: await users.connection(serviceSid, CN(1)),
          bindings: await users.bindings(serviceSid, {}, ALL),
          bindingsOfUser: await users.bindings(serviceSid, { userSid: ann }, ALL),
          binding: await users.binding(serviceSid, BS(1)),
        };
      }

      it('is found in its Service', async () => {
        await project(...history);
        const found = await everythingIn(ONE);
        expect(Object.values(found)).not.toContain(null);
        expect(found['user']).toMatchObject({
          user: { sid: ann, openConnections: 1, bindingCount: 1 },
          service: { sid: ONE, reachabilityEnabled: true },
        });
        expect(found['connection']).toMatchObject({ sid: CN(1), userSid: ann, serviceSid: ONE });
      });

      it('is not found in another', async () => {
        await project(...history);
        const { service, users, bindings, ...others } = await everythingIn(TWO);
        expect(service).toMatchObject({ sid: TWO });
        expect(users).toMatchObject({ page: { rows: [] } });
        expect(bindings).toMatchObject({ rows: [] });
        expect(Object.values(others)).toEqual(Object.keys(others).map(() => null));
      });

      it.each([
        ['once the Service is deleted', ONE, [serviceDeleted()]],
        ['where the Service never was', sid('IS', 7), []],
      ])('is hidden %s', async (_, serviceSid, more) => {
        await project(...history, ...more);
        const found = await everythingIn(serviceSid);
        expect(Object.values(found)).toEqual(Object.keys(found).map(() => null));
        expect((await model.users.services(ALL)).rows).toHaveLength(2 - more.length);
      });

      it('is deleted with its User', async () => {
        await project(...history, userDeleted());
        const { users } = model;
        expect(await users.user(ONE, ann)).toBeNull();
        expect(await users.connection(ONE, CN(1))).toBeNull();
        expect(await users.binding(ONE, BS(1))).toBeNull();
        expect(await users.httpConnections('', 10)).toEqual([]);
      });
    });

    describe('Users read at the same time', () => {
      it('are what each of them is alone', async () => {
        await project(
          serviceCreated(),
          serviceCreated(TWO),
          ...range(150).map((n) => userCreated(`user-${n}`)),
          userCreated('ann', TWO),
          userDeleted('user-7'),
        );
        const users = range(150).map((n) => userSid(ONE, `user-${n}`));
        const asked = [...users, ann, userSid(TWO, 'ann'), 'nonsense', "'", ...users.slice(5, 10)];
        const wanted = asked.flatMap((user) =>
          [ONE, TWO].map((service) => [service, user] as const),
        );
        const together = await Promise.all(wanted.map((key) => model.users.user(...key)));
        for (const [index, key] of wanted.entries()) {
          expect(together[index]).toEqual(await model.users.user(...key));
        }
        const existing = users.filter((user) => user !== userSid(ONE, 'user-7'));
        const keyOf = (service = '', user = ''): string => `${service} ${user}`;
        expect(new Set(together.map((one) => keyOf(one?.service.sid, one?.user.sid)))).toEqual(
          new Set([
            keyOf(),
            keyOf(TWO, userSid(TWO, 'ann')),
            ...existing.map((user) => keyOf(ONE, user)),
          ]),
        );
      });
    });

    describe('Users requested by sid', () => {
      const bob = userSid(ONE, 'bob');
      const elsewhere = userSid(TWO, 'ann');
      const found = async (
        serviceSid: string,
        ...sids: string[]
      ): Promise<string[] | undefined> => {
        const some = await model.users.usersBySid(serviceSid, sids);
        const profiles = await model.users.profilesBySid(serviceSid, sids);
        expect(profiles.map(({ sid }) => sid).sort()).toEqual(
          (some?.users ?? []).map((user) => user.sid).sort(),
        );
        return some?.users.map((user) => user.sid).sort();
      };

      it('are those that exist, with their Service', async () => {
        await project(
          serviceCreated(),
          serviceCreated(TWO),
          userCreated(),
          userCreated('bob'),
          userCreated('ann', TWO),
          userDeleted('bob'),
        );
        expect(await found(ONE, ann, bob, elsewhere, 'nonsense', "'")).toEqual([ann]);
        expect(await found(ONE)).toEqual([]);
        expect(await found(TWO, ann, elsewhere)).toEqual([elsewhere]);
        expect((await model.users.usersBySid(ONE, [ann]))?.service.sid).toBe(ONE);
      });

      it('are null when the Service does not exist', async () => {
        await project(serviceCreated(), userCreated(), serviceDeleted());
        expect(await found(ONE, ann)).toBeUndefined();
        expect(await found(TWO, ann)).toBeUndefined();
      });
    });

    describe('Connections that have to be closed', () => {
      const held = (n: number, incarnation: number, nodeId = 'n'): ReachabilityEvent =>
        opened(CN(n), { nodeId, incarnation });
      const sids = (connections: readonly { readonly sid: string }[]): string[] =>
        connections.map((connection) => connection.sid).sort();
      const begun = [
        serviceCreated(),
        userCreated(),
        node('NodeStarted', 1),
        held(1, 1),
        held(2, 1),
      ];

      const orphans = (incarnation: number, limit = 10) =>
        model.users.orphanedConnections({ nodeId: 'n', incarnation }, null, limit);

      it('are those of an incarnation of a node and of earlier ones', async () => {
        const again = [node('NodeLost', 1), node('NodeStarted', 2), held(3, 2)];
        await project(
          ...begun,
          node('NodeStarted', 1, 'm'),
          held(4, 1, 'm'),
          opened(CN(5)),
          ...again,
        );
        expect(sids(await orphans(1))).toEqual([CN(1), CN(2)]);
        expect(sids(await orphans(2))).toEqual([CN(1), CN(2), CN(3)]);
      });

      it('are paged by incarnation and sid', async () => {
        const again = [node('NodeLost', 1), node('NodeStarted', 2), held(0, 2), held(3, 2)];
        await project(...begun, ...again);
        const upTo = { nodeId: 'n', incarnation: 2 };
        const found: string[] = [];
        let [next] = await orphans(2, 1);
        while (next !== undefined) {
          found.push(next.sid);
          [next] = await model.users.orphanedConnections(upTo, next, 1);
        }
        expect(found).toEqual([CN(1), CN(2), CN(0), CN(3)]);
      });

      it('include those opened after the end of the incarnation, which no other read returns', async () => {
        await project(...begun.slice(0, 3), node('NodeLost', 1), held(5, 1));
        const found = await orphans(1);
        expect(found).toMatchObject([
          { sid: CN(5), userSid: ann, serviceSid: ONE, counted: false },
        ]);
        expect((await model.users.connections(ONE, ann, ALL))?.rows).toEqual([]);
        expect(await model.users.connection(ONE, CN(5))).toBeNull();
        expect((await model.users.user(ONE, ann))?.user.openConnections).toBe(0);
      });

      it('opened over HTTP are listed by sid, starting after any sid', async () => {
        await project(...begun, ...range(5).map((n) => opened(CN(30 - n))));
        const first = await model.users.httpConnections('', 3);
        expect(first.map((row) => row.sid)).toEqual([CN(26), CN(27), CN(28)]);
        const rest = await model.users.httpConnections(CN(28), 3);
        expect(rest.map((row) => row.sid)).toEqual([CN(29), CN(30)]);
        expect(rest).toMatchObject([{ ttlSeconds: 300, node: null }, { userSid: ann }]);
      });
    });

    describe('Left-over Users', () => {
      it('are those of deleted Services, up to the limit', async () => {
        await project(
          serviceCreated(),
          serviceCreated(TWO),
          userCreated('ann'),
          userCreated('bob'),
          userCreated('ann', TWO),
          serviceDeleted(),
        );
        const left = await model.users.usersOfDeletedServices(10);
        const both = ['ann', 'bob'].map((name) => ({ sid: userSid(ONE, name), serviceSid: ONE }));
        expect(new Set(left)).toEqual(new Set(both));
        expect(await model.users.usersOfDeletedServices(1)).toHaveLength(1);
      });
    });

    describe('Nodes and states', () => {
      const history = [
        serviceCreated(),
        userCreated(),
        node('NodeStarted', 1),
        node('NodeLost', 1),
        opened(CN(1)),
      ];
      const checkpoint: Checkpoint = {
        position: place(4),
        effectiveAt: minute(4),
        generation: 0,
        lastEvent: { position: place(4), id: expect.any(String) as unknown as string },
      };

      it('come with the checkpoint of their snapshot', async () => {
        expect(await model.users.checkpoint()).toEqual(START);
        await project(...history);
        expect(await model.users.checkpoint()).toEqual(checkpoint);
        expect(await model.users.nodes()).toEqual({
          checkpoint,
          nodes: [{ kind: 'node', nodeId: 'n', incarnation: 1, running: false }],
        });
        const keys = [userStream(ann), serviceStream(ONE), nodeStream('n'), userStream('US-none')];
        const loaded = await model.users.loadStates(keys);
        expect(loaded.checkpoint).toEqual(checkpoint);
        expect(loaded.states).toEqual(await statesAfter(...history));
      });
    });

    describe('Every state', () => {
      it('is loaded as it was saved', async () => {
        const history = [
          serviceCreated(),
          node('NodeStarted', 1),
          enabled(),
          userCreated('ünï/%€ 👩‍💻\u0001'),
          userCreated(),
          opened(CN(9), { nodeId: 'n', incarnation: 1 }),
          opened(CN(8)),
          node('NodeLost', 1),
          opened(CN(1), { nodeId: 'n', incarnation: 1 }),
          closed(CN(9), minute(8)),
          bound(BS(9)),
          bound(BS(1), 'gcm'),
          bound(BS(9), 'apn', 'ann', ONE, 'tablet'),
          serviceCreated(TWO),
          serviceDeleted(TWO),
        ];
        await project(...history);
        const states = await statesAfter(...history);
        const loaded = await model.usersVersions.live().load([...states.keys()]);
        expect(Object.fromEntries(loaded)).toEqual(Object.fromEntries(states));
      });
    });
  });
}
