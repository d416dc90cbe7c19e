import { describe, expect, it } from '@jest/globals';
import { uuidV5 } from '#domain';
import { InMemoryEventStore } from '../../../../test/support/in-memory-event-store.ts';
import {
  AT_ONCE,
  context,
  create,
  NOW,
  openConnection,
  rename,
  SERVICE_SID,
  streamOf,
  userCommands,
} from '../../../../test/support/user-commands.ts';
import {
  AppendOutcomeUnknownError,
  EventStoreUnavailableError,
  EventStoreUnwritableError,
  WrongExpectedRevisionError,
} from '../errors.ts';
import { RECENT_COMMANDS } from './stream-state.ts';

const alice = streamOf('alice');

describe('A command', () => {
  it('appends the decided events and returns the new state and position', async () => {
    const store = new InMemoryEventStore();
    const result = await userCommands(store).handle(alice, create('alice'), context('c1'));
    expect(store.log.map(({ stream, type }) => [stream, type])).toEqual([[alice, 'UserCreated']]);
    expect(result.appended.map(({ type }) => type)).toEqual(['UserCreated']);
    expect(result.state).toMatchObject({ status: 'active', serviceSid: SERVICE_SID });
    expect(result.position).toBe(await store.head());
  });

  it('sets time, correlation id, causation id and actor of its events', async () => {
    const store = new InMemoryEventStore();
    await userCommands(store).handle(alice, create('alice'), context('c1'));
    expect(store.log[0]?.metadata).toEqual({
      occurredAt: NOW,
      correlationId: 'request-1',
      causationId: 'c1',
      actor: 'key:SK1',
    });
  });

  it('derives the id of each event from the command id and the index', async () => {
    const store = new InMemoryEventStore();
    const createAs = { serviceSid: SERVICE_SID, identity: 'alice' };
    const command = { ...openConnection('CN1'), createAs };
    await userCommands(store).handle(alice, command, context('c1'));
    expect(store.log.map(({ id, type }) => [type, id])).toEqual([
      ['UserCreated', uuidV5('c1/0')],
      ['ConnectionOpened', uuidV5('c1/1')],
    ]);
  });

  it('that the aggregate rejects appends nothing and rejects with the domain error', async () => {
    const store = new InMemoryEventStore();
    const handled = userCommands(store).handle(alice, rename('Alice'), context('c1'));
    await expect(handled).rejects.toMatchObject({ code: 'USER.NOT_FOUND' });
    expect(store.appendCalls).toBe(0);
  });

  it('that changes nothing appends nothing and returns the position of the last event', async () => {
    const store = new InMemoryEventStore();
    const commands = userCommands(store);
    await commands.handle(alice, create('alice'), context('c1'));
    const { position } = await commands.handle(alice, rename('Alice'), context('c2'));
    const again = await commands.handle(alice, rename('Alice'), context('c3'));
    expect(again).toMatchObject({ appended: [], position });
    expect(store.log).toHaveLength(2);
  });

  it('whose events do not fit their schema appends nothing and is not retried', async () => {
    const store = new InMemoryEventStore();
    const commands = userCommands(store);
    await commands.handle(alice, create('alice'), context('c1'));
    const wrong = { ...openConnection('CN1'), ttlSeconds: 1.5 };
    await expect(commands.handle(alice, wrong, context('c2'))).rejects.toMatchObject({
      code: 'EVENT.INVALID',
    });
    expect(store.appendCalls).toBe(1);
  });

  it('waits for the previous command on the same stream, and decides on its result', async () => {
    const store = new InMemoryEventStore();
    const commands = userCommands(store);
    await Promise.all([
      commands.handle(alice, create('alice'), context('c1')),
      commands.handle(alice, rename('Alice'), context('c2')),
      commands.handle(alice, openConnection('CN1'), context('c3')),
    ]);
    expect(store.log.map(({ type }) => type)).toEqual([
      'UserCreated',
      'UserUpdated',
      'ConnectionOpened',
    ]);
    expect(store.appendCalls).toBe(3);
  });

  it('does not wait for a command on another stream', async () => {
    const store = new InMemoryEventStore();
    const commands = userCommands(store);
    const held = Promise.withResolvers<undefined>();
    store.beforeAppend = (stream) => (stream === alice ? held.promise : undefined);
    const waiting = commands.handle(alice, create('alice'), context('c1'));
    await commands.handle(streamOf('bob'), create('bob'), context('c2'));
    held.resolve(undefined);
    await waiting;
    expect(store.log.map(({ stream }) => stream)).toEqual([streamOf('bob'), alice]);
  });

  it('that fails does not block the next one on its stream', async () => {
    const store = new InMemoryEventStore();
    const commands = userCommands(store);
    const [refused, created] = await Promise.allSettled([
      commands.handle(alice, rename('Alice'), context('c1')),
      commands.handle(alice, create('alice'), context('c2')),
    ]);
    expect([refused.status, created.status]).toEqual(['rejected', 'fulfilled']);
  });
});

describe('After a conflict with another writer', () => {
  /** Two processes on one store, both with the new User in their caches. */
  async function twoProcesses() {
    const store = new InMemoryEventStore();
    const [here, there] = [userCommands(store), userCommands(store)];
    await here.handle(alice, create('alice'), context('c1'));
    await there.load(alice);
    return { store, here, there };
  }

  it('a command decides again on the new state', async () => {
    const { store, here, there } = await twoProcesses();
    await there.handle(alice, rename('Alice'), context('c2'));
    const { state } = await here.handle(alice, openConnection('CN1'), context('c3'));
    expect(state).toMatchObject({
      profile: { friendlyName: 'Alice' },
      connections: [{ sid: 'CN1' }],
    });
    expect(store.log.map(({ revision }) => revision)).toEqual([0, 1, 2]);
  });

  it('a command may change nothing', async () => {
    const { store, here, there } = await twoProcesses();
    await there.handle(alice, rename('Alice'), context('c2'));
    const { appended } = await here.handle(alice, rename('Alice'), context('c3'));
    expect(appended).toEqual([]);
    expect(store.log).toHaveLength(2);
  });

  it('a command may be rejected', async () => {
    const { here, there } = await twoProcesses();
    await there.handle(alice, openConnection('CN1'), context('c2'));
    await expect(here.handle(alice, openConnection('CN1'), context('c3'))).rejects.toMatchObject({
      code: 'CONNECTION.ALREADY_EXISTS',
    });
  });

  it('a rejection based on the cached state is first checked against the log', async () => {
    const { here, there } = await twoProcesses();
    await there.handle(alice, openConnection('CN1'), context('c2'));
    const close = {
      type: 'CloseConnection',
      connectionSid: 'CN1',
      cause: 'clean',
      lastSeenAt: NOW,
    } as const;
    const { appended } = await here.handle(alice, close, context('c3'));
    expect(appended.map(({ type }) => type)).toEqual(['ConnectionClosed']);
  });

  it('a decision for no change based on the cached state is first checked against the log', async () => {
    const { here, there } = await twoProcesses();
    await here.handle(alice, rename('Alice'), context('c2'));
    await there.handle(alice, rename('Bob'), context('c3'));
    const { appended, state } = await here.handle(alice, rename('Alice'), context('c4'));
    expect(appended).toHaveLength(1);
    expect(state).toMatchObject({ profile: { friendlyName: 'Alice' } });
  });

  it('two commands on an empty stream create one User', async () => {
    const store = new InMemoryEventStore();
    const outcomes = await Promise.allSettled([
      userCommands(store).handle(alice, create('alice'), context('c1')),
      userCommands(store).handle(alice, create('alice'), context('c2')),
    ]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(store.log).toHaveLength(1);
  });

  it('no command of many processes on one stream is lost', async () => {
    const store = new InMemoryEventStore();
    const processes = Array.from({ length: 5 }, () =>
      userCommands(store, { retry: { attempts: 50, baseMs: 0, capMs: 0 } }),
    );
    await processes[0]!.handle(alice, create('alice'), context('c0'));
    await Promise.all(
      processes.flatMap((commands, process) =>
        Array.from({ length: 5 }, (_, index) =>
          commands.handle(
            alice,
            openConnection(`CN${process}-${index}`),
            context(`${process}-${index}`),
          ),
        ),
      ),
    );
    const { state } = await userCommands(store).load(alice);
    expect(state.status === 'active' && state.connections).toHaveLength(25);
  });

  it('on every attempt, the command rejects with the conflict', async () => {
    const store = new InMemoryEventStore();
    const commands = userCommands(store);
    for (let attempt = 0; attempt < AT_ONCE.attempts; attempt += 1) {
      store.failNextAppend(new WrongExpectedRevisionError(alice, 'no_stream', 0));
    }
    await expect(commands.handle(alice, create('alice'), context('c1'))).rejects.toMatchObject({
      code: 'EVENT_STORE.WRONG_EXPECTED_REVISION',
    });
    expect(store.appendCalls).toBe(AT_ONCE.attempts);
  });
});

describe('An append of unknown outcome', () => {
  const unknown = new AppendOutcomeUnknownError('connection lost');

  it.each(['before', 'after'] as const)(
    'is repeated unchanged and written once if the connection broke %s the write',
    async (moment) => {
      const store = new InMemoryEventStore();
      store.failNextAppend(unknown, moment);
      store.failNextAppend(unknown, moment);
      const { appended } = await userCommands(store).handle(alice, create('alice'), context('c1'));
      expect(store.appendCalls).toBe(3);
      expect(store.log).toHaveLength(1);
      expect(store.log).toMatchObject(appended);
    },
  );

  it('that was written is recognised even after another writer has appended', async () => {
    const store = new InMemoryEventStore();
    const [here, there] = [userCommands(store), userCommands(store)];
    store.failNextAppend(unknown, 'after');
    let repeats = 0;
    store.beforeAppend = async () => {
      repeats += 1;
      if (repeats === 2) await there.handle(alice, rename('Alice'), context('c2'));
    };
    const { appended } = await here.handle(alice, create('alice'), context('c1'));
    expect(appended).toHaveLength(1);
    expect(store.log.map(({ type }) => type)).toEqual(['UserCreated', 'UserUpdated']);
  });

  it('that was not written, and then conflicts with another writer, is decided again', async () => {
    const store = new InMemoryEventStore();
    const [here, there] = [userCommands(store), userCommands(store)];
    await here.handle(alice, create('alice'), context('c1'));
    store.failNextAppend(unknown, 'before');
    let repeats = 0;
    store.beforeAppend = async () => {
      repeats += 1;
      if (repeats === 2) await there.handle(alice, rename('Alice'), context('c2'));
    };
    await here.handle(alice, openConnection('CN1'), context('c3'));
    expect(store.log.map(({ type }) => type)).toEqual([
      'UserCreated',
      'UserUpdated',
      'ConnectionOpened',
    ]);
  });

  it('that was written counts as handled if its repetition conflicts', async () => {
    const store = new InMemoryEventStore();
    store.failNextAppend(unknown, 'after');
    store.failNextAppend(new WrongExpectedRevisionError(alice, 'no_stream', 0));
    const result = await userCommands(store).handle(alice, create('alice'), context('c1'));
    expect(result).toMatchObject({ appended: [], state: { status: 'active' } });
    expect(store.log).toHaveLength(1);
  });

  it('that was written counts as handled if its repetition finds the store unavailable', async () => {
    const store = new InMemoryEventStore();
    store.failNextAppend(unknown, 'after');
    store.failNextAppend(new EventStoreUnavailableError('no leader'));
    const result = await userCommands(store).handle(alice, create('alice'), context('c1'));
    expect(result).toMatchObject({ state: { status: 'active' } });
    expect(store.log).toHaveLength(1);
  });

  it('makes the command reject if it stays unknown, and the command may be sent again', async () => {
    const store = new InMemoryEventStore();
    const commands = userCommands(store);
    for (let attempt = 0; attempt < AT_ONCE.attempts; attempt += 1) {
      store.failNextAppend(unknown, 'after');
    }
    await expect(commands.handle(alice, create('alice'), context('c1'))).rejects.toBe(unknown);
    await commands.handle(alice, create('alice'), context('c1'));
    expect(store.log).toHaveLength(1);
  });
});

describe('An unavailable store', () => {
  const unavailable = new EventStoreUnavailableError('no leader');

  it('is retried for an append', async () => {
    const store = new InMemoryEventStore();
    store.failNextAppend(unavailable);
    await userCommands(store).handle(alice, create('alice'), context('c1'));
    expect(store.log).toHaveLength(1);
  });

  it('is retried for a read', async () => {
    const store = new InMemoryEventStore();
    store.failNextRead(unavailable);
    await userCommands(store).handle(alice, create('alice'), context('c1'));
    expect(store.log).toHaveLength(1);
  });

  it('makes the command reject after the last attempt', async () => {
    const store = new InMemoryEventStore();
    await store.close();
    await expect(
      userCommands(store).handle(alice, create('alice'), context('c1')),
    ).rejects.toMatchObject({ code: 'EVENT_STORE.UNAVAILABLE' });
  });
});

describe('A store that cannot be written', () => {
  const unwritable = new EventStoreUnwritableError('database or disk is full');

  it('makes the command reject at once', async () => {
    const store = new InMemoryEventStore();
    store.failNextAppend(unwritable);
    await expect(userCommands(store).handle(alice, create('alice'), context('c1'))).rejects.toBe(
      unwritable,
    );
    expect(store.log).toHaveLength(0);
  });

  it('leaves the outcome of an append before unknown', async () => {
    const store = new InMemoryEventStore();
    const unknown = new AppendOutcomeUnknownError('flush failed');
    store.failNextAppend(unknown, 'after');
    store.failNextAppend(unwritable);
    await expect(userCommands(store).handle(alice, create('alice'), context('c1'))).rejects.toBe(
      unknown,
    );
  });
});

describe('A command id sent again', () => {
  it('appends nothing', async () => {
    const store = new InMemoryEventStore();
    const commands = userCommands(store);
    const first = await commands.handle(alice, create('alice'), context('c1'));
    const again = await commands.handle(alice, create('alice'), context('c1'));
    expect(again).toEqual({ state: first.state, position: first.position, appended: [] });
    expect(store.appendCalls).toBe(1);
  });

  it('appends nothing after a restart', async () => {
    const store = new InMemoryEventStore();
    await userCommands(store).handle(alice, create('alice'), context('c1'));
    const again = await userCommands(store).handle(alice, create('alice'), context('c1'));
    expect(again.appended).toEqual([]);
    expect(store.log).toHaveLength(1);
  });

  it('appends nothing after a restart that reads a snapshot alone', async () => {
    const store = new InMemoryEventStore();
    await userCommands(store, { snapshotEvery: 1 }).handle(alice, create('alice'), context('c1'));
    const again = await userCommands(store).handle(alice, create('alice'), context('c1'));
    expect(again.appended).toEqual([]);
    expect(store.log).toHaveLength(1);
    expect(store.eventsRead).toBe(0);
  });

  it('appends nothing if another process handled it', async () => {
    const store = new InMemoryEventStore();
    const [here, there] = [userCommands(store), userCommands(store)];
    await here.handle(alice, create('alice'), context('c1'));
    await there.load(alice);
    await here.handle(alice, openConnection('CN1'), context('c2'));
    await there.handle(alice, openConnection('CN1'), context('c2'));
    expect(store.log).toHaveLength(2);
  });

  it('appends nothing if RECENT_COMMANDS - 1 other commands came between', async () => {
    const store = new InMemoryEventStore();
    const commands = userCommands(store);
    await commands.handle(alice, create('alice'), context('c0'));
    for (let index = 1; index < RECENT_COMMANDS; index += 1) {
      await commands.handle(alice, rename(`name ${index}`), context(`c${index}`));
    }
    const again = await userCommands(store).handle(alice, create('alice'), context('c0'));
    expect(again.appended).toEqual([]);
    expect(store.log).toHaveLength(RECENT_COMMANDS);
  });
});

describe('While the store is away', () => {
  const patient = { attempts: 1_000, baseMs: 1, capMs: 1 };

  it('a command gives up when its time is over, however many attempts it has left', async () => {
    const store = new InMemoryEventStore();
    const commands = userCommands(store, { retry: { ...patient, outageMs: 0 } });
    store.failNextAppend(new EventStoreUnavailableError('away'));
    const command = commands.handle(alice, create('alice'), context('c1'));
    await expect(command).rejects.toThrow(EventStoreUnavailableError);
    expect(store.appendCalls).toBe(1);
  });

  it('an append of unknown outcome stays unknown where its repetition does not reach the store', async () => {
    const store = new InMemoryEventStore();
    const commands = userCommands(store, { retry: { ...patient, attempts: 2 } });
    store.failNextAppend(new AppendOutcomeUnknownError('broken off'), 'after');
    store.failNextAppend(new EventStoreUnavailableError('away'));
    const command = commands.handle(alice, create('alice'), context('c1'));
    await expect(command).rejects.toThrow(AppendOutcomeUnknownError);
    expect(store.appendCalls).toBe(2);
  });

  it('an append of unknown outcome is repeated when the store has returned', async () => {
    const store = new InMemoryEventStore();
    const commands = userCommands(store, { retry: patient });
    store.failNextAppend(new AppendOutcomeUnknownError('broken off'), 'after');
    store.failNextAppend(new EventStoreUnavailableError('away'));
    await commands.handle(alice, create('alice'), context('c1'));
    expect(store.log).toHaveLength(1);
  });

  it('a command that has waited for others on its stream does not wait for the store as well', async () => {
    const store = new InMemoryEventStore();
    const commands = userCommands(store, { retry: { ...patient, outageMs: 0 } });
    store.away('frozen');
    const command = commands.handle(alice, create('alice'), context('c1'));
    await expect(command).rejects.toThrow('frozen');
    expect(store.appendCalls).toBe(0);
  });
});
