import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ChangeFeedReader, type FeedEvent } from '../../support/change-feed-reader.ts';
import { Cli } from '../../support/cli.ts';
import { listOf, textOf } from '../../support/fields.ts';
import type { Program } from '../../support/program.ts';
import { Programs } from '../../support/programs.ts';
import { until } from '../../support/until.ts';

/** So much of a feed that it does not fit into the buffers of a socket. */
const SEED = ['--users', '500', '--events', '60000', '--seed', '7'];

describe('A reader of a change feed', () => {
  const programs = new Programs();
  const readers: ChangeFeedReader[] = [];
  let program: Program;
  let service: string;
  let epoch: string;

  beforeAll(async () => {
    await new Cli(programs.dataDir).json('store', 'seed', ...SEED);
    program = await programs.start({ env: { DRAIN_SECONDS: '0' } });
    const { body } = await program.get('/v2/Services');
    service = textOf(listOf(body['services'])[0] ?? {}, 'sid');
    const { sid } = await program.post(`/v2/Services/${service}/Users`, { Identity: 'new' });
    const answer = await program.get(`/v2/Services/${service}/Users/${sid}/Reachability`);
    [epoch = ''] = textOf(answer.body, 'version').split(':');
  }, 180_000);
  afterEach(() => {
    for (const reader of readers.splice(0)) reader.close();
  });
  afterAll(() => programs.end());

  async function follow(query: string): Promise<ChangeFeedReader> {
    const { accountSid: username, authToken: password } = program.credentials;
    const path = `/v2/Services/${service}/Reachability/Changes${query}`;
    const reader = await ChangeFeedReader.open(program.url, path, { username, password });
    readers.push(reader);
    return reader;
  }

  async function metric(name: string): Promise<number> {
    const { text } = await program.get('/metrics', { auth: null });
    return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]);
  }

  /** Creates a User, and waits until a reader has got that change. */
  async function untilNews(reader: ChangeFeedReader, Identity: string): Promise<void> {
    await program.post(`/v2/Services/${service}/Users`, { Identity });
    await until(`the change of ${Identity}`, () =>
      reader.changes.at(-1)?.data['identity'] === Identity ? true : undefined,
    );
  }

  it('that is slow holds up nobody, is sent nothing meanwhile, and then gets everything', async () => {
    const slow = await follow(`?Since=${epoch}:0`);
    slow.response.pause();
    const quick = await follow(`?Since=${epoch}:0`);
    await untilNews(quick, 'while-one-sleeps');
    const all = quick.changes.length;
    expect(all).toBeGreaterThan(20_000);
    expect(await metric('reachability_change_feeds')).toBe(2);
    expect(await metric('reachability_change_feed_events_total')).toBeLessThan(2 * all);
    slow.response.resume();
    await untilNews(slow, 'awake');
    const ids = (events: readonly FeedEvent[]) => events.map(({ id }) => id);
    expect(ids(slow.changes)).toEqual(ids(await quick.untilChanges(all + 1)));
  });

  it('is sent away when the process stops, also where it takes nothing', async () => {
    const live = await follow('');
    const stuck = await follow(`?Since=${epoch}:0`);
    stuck.response.pause();
    await live.untilEvent('start');
    const { id } = await live.untilEvent('start');
    expect(await program.stop()).toBe(0);
    await live.untilEnd();
    expect(live.response.complete).toBe(true);
    expect(live.retries.length).toBe(2);
    expect(live.events.map(({ event }) => event)).toEqual(['start']);
    program = await programs.start();
    const resumed = await follow(`?Since=${id}`);
    expect((await resumed.untilEvent('start')).id).toBe(id);
  });
});
