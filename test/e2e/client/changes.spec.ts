import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  changes,
  type ChangesOptions,
  type FeedEvent,
} from '../../../libs/client/src/changes/index.ts';
import { textOf } from '../../support/fields.ts';
import type { Program } from '../../support/program.ts';
import { Programs } from '../../support/programs.ts';
import { createService } from '../../support/services.ts';
import { until } from '../../support/until.ts';

describe('changes() of the client', () => {
  const programs = new Programs();
  const leaving = new AbortController();
  let program: Program;
  let service: string;

  beforeAll(async () => {
    program = await programs.start({ env: { DRAIN_SECONDS: '0' } });
    service = await createService(program);
  }, 120_000);
  afterAll(async () => {
    leaving.abort();
    await programs.end();
  });

  function options(more: Partial<ChangesOptions> = {}): ChangesOptions {
    const { accountSid: username, authToken: password } = program.credentials;
    const { signal } = leaving;
    return { url: program.url, username, password, serviceSid: service, signal, ...more };
  }

  /** Iterates in the background, and collects the events. */
  function collect(more: Partial<ChangesOptions> = {}) {
    const events: FeedEvent[] = [];
    const end = (async () => {
      for await (const event of changes(options(more))) events.push(event);
    })();
    return { events, end };
  }

  const createUser = (Identity: string, path = service) =>
    program.post(`/v2/Services/${path}/Users`, { Identity });
  const identities = (events: readonly FeedEvent[]) =>
    events.flatMap((event) => ('identity' in event ? [event.identity] : []));

  it('yields each change once, also those of a time when the server was away', async () => {
    const losses: unknown[] = [];
    const port = new URL(program.url).port;
    const { events } = collect({ onConnectionError: (error) => losses.push(error) });
    await until('the start', () => events[0]);
    await createUser('ann');
    await until('the change', () => events[1]);
    await program.kill();
    await until('the loss', () => losses[0]);
    program = await programs.start({ env: { DRAIN_SECONDS: '0' } });
    await createUser('bob');
    await program.stop();
    program = await programs.start({ env: { DRAIN_SECONDS: '0', PORT: port } });
    await createUser('cid');
    await until('the last change', () => identities(events)[2]);
    expect(events.map(({ type }) => type)).toEqual(['start', 'change', 'change', 'change']);
    expect(identities(events)).toEqual(['ann', 'bob', 'cid']);
    const [, first] = events;
    const rest = collect({ since: first?.version ?? '', users: ['cid'], isOnline: null });
    await until('the filtered change', () => identities(rest.events)[0]);
    expect(rest.events.at(-1)).toEqual(events.at(-1));
  });

  it('surfaces a resync', async () => {
    const { events } = collect({ since: 'other:0000000000000001' });
    expect(await until('the resync', () => events[0])).toMatchObject({
      type: 'resync',
      reason: 'epoch',
    });
  });

  it('ends with its Service', async () => {
    const serviceSid = await createService(program);
    const { events, end } = collect({ serviceSid });
    await until('the start', () => events[0]);
    await program.delete(`/v2/Services/${serviceSid}`);
    await end;
    expect(events.at(-1)).toMatchObject({ type: 'service', isDeleted: true });
  });

  it('throws where no repetition helps', async () => {
    const errorOf = (more: Partial<ChangesOptions>) =>
      collect(more).end.catch((error: unknown) => error);
    expect(await errorOf({ password: 'wrong' })).toMatchObject({ code: 'credentials_refused' });
    expect(await errorOf({ serviceSid: `IS${'0'.repeat(32)}` })).toMatchObject({
      code: 'no_service',
    });
    expect(await errorOf({ since: 'x' })).toMatchObject({ code: 'invalid' });
    expect(await errorOf({ url: 'nowhere' })).toMatchObject({ code: 'invalid' });
    const { body } = await program.post('/v2/ApiKeys', { FriendlyName: 'k', Scopes: 'read' });
    const key = { username: textOf(body, 'sid'), password: textOf(body, 'secret') };
    const { events, end } = collect(key);
    const ended = end.catch((error: unknown) => error);
    await until('the start', () => events[0]);
    await program.delete(`/v2/ApiKeys/${key.username}`);
    expect(await ended).toMatchObject({ code: 'credentials_refused' });
  });

  it('reconnects when nothing comes for too long, and ends when it is told to', async () => {
    const abort = new AbortController();
    const losses: unknown[] = [];
    const { events, end } = collect({
      signal: abort.signal,
      silenceMs: 1_500,
      onConnectionError: (error) => losses.push(error),
      random: () => 0,
    });
    await until('the second loss', () => losses[1]);
    await createUser('dan');
    await until('the change', () => identities(events)[0]);
    abort.abort();
    await end;
    expect(events.map(({ type }) => type)).toEqual(['start', 'change']);
  });
});
