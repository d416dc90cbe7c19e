import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ReachabilityEvent } from '#domain';
import { foldBatch, START, type Checkpoint } from '#projections';
import {
  answerFor,
  usersProjection,
  type PageCursor,
  type PageRequest,
  type ReadModel,
  type UserPage,
  type UserSelection,
  type UserSummary,
} from '#read-model';
import {
  bound,
  closed,
  disabled,
  enabled,
  minute,
  opened,
  recorded,
  serviceCreated,
  userCreated,
} from '../../support/users-history.ts';
import type { OpenedReadModel, OpenReadModel } from './opened.ts';

const SERVICE = `IS${'1'.repeat(32)}`;
const ANSWERS = [true, false, null, undefined] as const;
/** An identity has what LIKE takes for wildcards, both forms of é, and characters that UTF-16 sorts otherwise. */
const IDENTITIES = [
  'a',
  'a%',
  'a_',
  'a%b',
  'ab',
  'A',
  'é',
  'e\u0301',
  '\u{ffff}',
  '\u{1f600}',
  '\u{10ffff}',
];
const PREFIXES = [...IDENTITIES, 'e', '\u{1f600}x', 'b'];

/** A User that has no, an open or a closed Connection, from before or after the flag changed, and perhaps a Binding. */
interface Person {
  readonly identity: string;
  readonly connects: 'never' | 'before' | 'before and after' | 'after';
  readonly isOpen: boolean;
  readonly isBound: boolean;
}

/** Histories beginning with these have all kinds of Users. */
function historyOf(people: readonly Person[], isEnabled: boolean): ReachabilityEvent[] {
  const sid = (prefix: string, n: number): string => prefix + String(n).padStart(32, '0');
  const connect = (when: Person['connects']) =>
    people.flatMap(({ identity, connects, isOpen }, n) => {
      if (!connects.includes(when)) return [];
      const connection = sid('CN', n + (when === 'after' ? 1_000_000 : 0));
      const closes = { ...closed(connection, minute(0)) };
      const open = opened(connection, null, identity);
      return isOpen || closes.type !== 'ConnectionClosed' || open.type !== 'ConnectionOpened'
        ? [open]
        : [open, { ...closes, data: { ...closes.data, userSid: open.data.userSid } }];
    });
  return [
    serviceCreated(),
    ...people.map(({ identity }) => userCreated(identity)),
    ...people.flatMap(({ identity, isBound }, n) =>
      isBound ? [bound(sid('BS', n), 'fcm', identity)] : [],
    ),
    enabled(),
    ...connect('before'),
    disabled(),
    enabled(),
    ...connect('after'),
    ...(isEnabled ? [] : [disabled()]),
  ];
}

const anyone = fc.record({
  identity: fc.constantFrom(...IDENTITIES),
  connects: fc.constantFrom('never', 'before', 'after', 'before and after'),
  isOpen: fc.boolean(),
  isBound: fc.boolean(),
} as const);

const anySelection = fc.record({
  isOnline: fc.constantFrom(...ANSWERS),
  isNotifiable: fc.constantFrom(...ANSWERS),
  identityPrefix: fc.constantFrom(undefined, undefined, ...PREFIXES),
  order: fc.option(
    fc.record({ by: fc.constantFrom('created', 'lastChange'), descending: fc.boolean() } as const),
    { nil: undefined },
  ),
});

/** Leaves out what is undefined. */
function toSelection(any: {
  [K in keyof UserSelection]: UserSelection[K] | undefined;
}): UserSelection {
  return Object.fromEntries(Object.entries(any).filter(([, value]) => value !== undefined));
}

/** What every read model does with filters and orders of Users. */
export function userListsContract(adapter: string, open: OpenReadModel): void {
  describe(`Lists of Users in ${adapter}`, () => {
    let inUse: OpenedReadModel;
    let model: ReadModel;
    let checkpoint: Checkpoint;

    beforeEach(async () => {
      inUse = await open();
      model = inUse.readModel;
      checkpoint = START;
    });
    afterEach(() => inUse.close());

    async function project(history: readonly ReachabilityEvent[]): Promise<void> {
      const rows = model.usersVersions.live();
      const folded = await foldBatch(
        usersProjection,
        (keys) => rows.load(keys),
        recorded(history),
        checkpoint,
      );
      expect(await rows.commit(checkpoint, folded.checkpoint, folded.changes)).toBe(true);
      checkpoint = folded.checkpoint;
    }

    async function pageOf(selection: UserSelection, page: PageRequest): Promise<UserPage> {
      const found = await model.users.users(SERVICE, page, selection);
      if (found === null) throw new Error('The Service is missing');
      return found.page;
    }

    /** All pages, forwards; then back from the last one. */
    async function walk(selection: UserSelection, size: number): Promise<UserSummary[]> {
      const rows: UserSummary[] = [];
      let cursor: PageCursor = { after: null };
      let page = await pageOf(selection, { cursor, size });
      for (;;) {
        expect(page.rows.length).toBeLessThanOrEqual(size);
        rows.push(...page.rows);
        if (!page.hasNext || page.edges === null) break;
        cursor = { after: page.edges.last };
        page = await pageOf(selection, { cursor, size });
      }
      const back: UserSummary[] = [...page.rows];
      while (page.hasPrevious && page.edges !== null) {
        page = await pageOf(selection, { cursor: { before: page.edges.first }, size });
        back.unshift(...page.rows);
      }
      expect(back.slice(-rows.length)).toEqual(back.length === 0 ? [] : rows.slice(-back.length));
      return rows;
    }

    /** The Users that a selection means, found by looking at each. */
    async function expected(selection: UserSelection): Promise<UserSummary[]> {
      const all = await model.users.users(SERVICE, { cursor: { after: null }, size: 100_000 });
      if (all === null) throw new Error('The Service is missing');
      const { order = { by: 'created', descending: false }, identityPrefix = '' } = selection;
      const position = order.by === 'created' ? 'createdPosition' : 'changedPosition';
      const sorted = all.page.rows
        .filter((user) => {
          const { isOnline, isNotifiable } = answerFor(user, all.service);
          return (
            (selection.isOnline === undefined || selection.isOnline === isOnline) &&
            (selection.isNotifiable === undefined || selection.isNotifiable === isNotifiable) &&
            user.identity.startsWith(identityPrefix)
          );
        })
        .toSorted((a, b) => (a[position] < b[position] ? -1 : 1));
      return order.descending ? sorted.reverse() : sorted;
    }

    it('have exactly the Users whose answers and identities match, in their order, by pages of any size', async () => {
      const people = fc.uniqueArray(anyone, {
        selector: ({ identity }) => identity,
        minLength: IDENTITIES.length - 2,
      });
      const [someone = []] = fc.sample(people, { numRuns: 1, seed: 7 });
      for (const isEnabled of [true, false]) {
        await inUse.close();
        inUse = await open();
        model = inUse.readModel;
        checkpoint = START;
        await project(historyOf(someone, isEnabled));
        await fc.assert(
          fc.asyncProperty(anySelection, fc.integer({ min: 1, max: 4 }), async (any, size) => {
            const selection = toSelection(any);
            expect(await walk(selection, size)).toEqual(await expected(selection));
          }),
          { numRuns: 80 },
        );
      }
    });

    it('answer right at once after the flag was changed', async () => {
      const online = { identity: 'ann', connects: 'after', isOpen: true, isBound: true } as const;
      const all = ['ann', 'bob', 'cid'].map((identity) => ({ ...online, identity }));
      const history = historyOf(all, true);
      await project(history);
      const found = async (selection: UserSelection): Promise<string[]> =>
        (await walk(selection, 2)).map(({ identity }) => identity);
      expect(await found({ isOnline: true })).toEqual(['ann', 'bob', 'cid']);
      const off = [...history, disabled()];
      const on = [...off, enabled()];
      const again = [...on, opened(`CN${'f'.repeat(32)}`, null, 'bob')];
      const since = async (whole: readonly ReachabilityEvent[], known: number): Promise<void> => {
        const rows = model.usersVersions.live();
        const events = recorded(whole).slice(known);
        const load = (keys: readonly string[]) => rows.load(keys);
        const folded = await foldBatch(usersProjection, load, events, checkpoint);
        await rows.commit(checkpoint, folded.checkpoint, folded.changes);
        checkpoint = folded.checkpoint;
      };
      await since(off, history.length);
      expect(await found({ isOnline: true })).toEqual([]);
      expect(await found({ isOnline: null })).toEqual(['ann', 'bob', 'cid']);
      await since(on, off.length);
      expect(await found({ isOnline: true })).toEqual([]);
      expect(await found({ isNotifiable: null })).toEqual(['ann', 'bob', 'cid']);
      await since(again, on.length);
      expect(await found({ isOnline: true })).toEqual(['bob']);
      expect(await found({ isOnline: null })).toEqual(['ann', 'cid']);
    });

    it('look at 1,000 rows for a page where no index has its order, and go on from there', async () => {
      const people = Array.from({ length: 2_300 }, (_, n) => ({
        identity: `user ${n}`,
        connects: n % 2 === 0 ? 'after' : 'never',
        isOpen: n % 4 === 0,
        isBound: false,
      })) satisfies Person[];
      await project(historyOf(people, true));
      const selection: UserSelection = {
        isOnline: true,
        identityPrefix: 'user ',
        order: { by: 'created', descending: false },
      };
      for (const order of ['created', 'lastChange'] as const) {
        for (const descending of [false, true]) {
          for (const isOnline of [true, false, null]) {
            const filter = { ...selection, isOnline, order: { by: order, descending } };
            expect(await walk(filter, 400)).toEqual(await expected(filter));
          }
        }
      }
      const sparse = await pageOf(
        { identityPrefix: 'user ', isOnline: null, order: { by: 'lastChange', descending: true } },
        { cursor: { after: null }, size: 10 },
      );
      // All that changed last have connected, so that their answers are not null.
      expect(sparse).toMatchObject({ rows: [], hasPrevious: false, hasNext: true });
    });

    it('have a User that matches all the time exactly once, whatever changes between the pages', async () => {
      const people = Array.from({ length: 12 }, (_, n) => ({
        identity: `user ${n}`,
        connects: 'after',
        isOpen: true,
        isBound: false,
      })) satisfies Person[];
      const history = historyOf(people, true);
      await project(history);
      const seen: string[] = [];
      let cursor: PageCursor = { after: null };
      for (let n = 0; ; n += 1) {
        const page: UserPage = await pageOf({ isOnline: true }, { cursor, size: 2 });
        seen.push(...page.rows.map(({ identity }) => identity));
        if (!page.hasNext || page.edges === null) break;
        cursor = { after: page.edges.last };
        const before = [...history];
        history.push(
          opened(`CN${String(n).padStart(32, 'a')}`, null, `user ${(n * 7) % 12}`),
          userCreated(`new ${n}`),
        );
        const rows = model.usersVersions.live();
        const load = (keys: readonly string[]) => rows.load(keys);
        const events = recorded(history).slice(before.length);
        const folded = await foldBatch(usersProjection, load, events, checkpoint);
        await rows.commit(checkpoint, folded.checkpoint, folded.changes);
        checkpoint = folded.checkpoint;
      }
      expect(seen).toEqual(people.map(({ identity }) => identity));
    });
  });
}
