import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { userStream } from '#domain';
import { AppendOutcomeUnknownError, EventStoreUnavailableError } from '#event-store';
import { muteLogger } from '../../../../../test/support/muted-logger.ts';
import {
  BEGIN,
  CONNECT_BURST_PER_USER,
  CONNECTIONS_PER_USER,
  context,
  RecordingClient,
  SERVICE,
  SessionWorld,
} from '../../../../../test/support/session-world.ts';
import { until } from '../../../../../test/support/until.ts';
import { Aggregates } from '#shared/use-cases/aggregates';

const at = (ms: number): string => new Date(BEGIN + ms).toISOString();

let world: SessionWorld;
beforeEach(async () => {
  muteLogger('log', 'warn');
  world = new SessionWorld();
  await world.begin();
});
afterEach(async () => {
  await world.end();
  jest.restoreAllMocks();
});

/** Closes a Connection as another process does. */
async function closedByOthers(
  session: { readonly connectionSid: string; readonly userSid: string },
  cause: 'admin' | 'node_lost',
): Promise<void> {
  const { connectionSid, userSid } = session;
  const others = new Aggregates(world.store.another(), () => new Date(BEGIN));
  const command = { type: 'CloseConnection', connectionSid, cause, lastSeenAt: at(0) } as const;
  await others.users.handle(userStream(userSid), command, context('close'));
}

async function userDeleted(userStreamId: string): Promise<void> {
  const others = new Aggregates(world.store.another(), () => new Date(BEGIN));
  await others.users.handle(userStreamId, { type: 'DeleteUser', at: at(0) }, context('delete'));
}

describe('A session', () => {
  it('is in the log, with this node, once it is open', async () => {
    const { session } = await world.open();
    expect(world.types).toEqual(['UserCreated', 'ConnectionOpened']);
    expect(world.store.log.at(-1)).toMatchObject({
      position: session.position,
      data: { connectionSid: session.connectionSid, node: world.node.current, transport: 'stream' },
      metadata: { actor: 'identity:alice' },
    });
  });

  it('is closed at once, and only once, when its client says bye and its socket then closes', async () => {
    const { client, session } = await world.open();
    session.closeCleanly();
    session.closeCleanly();
    session.socketClosed();
    world.pass(60_000);
    await world.sessions.allClosesRecorded();
    expect(world.closes).toMatchObject([{ cause: 'clean', lastSeenAt: at(0) }]);
    expect(client.calls).toEqual(['session ended']);
  });

  it('is not ended again by its own close in the log', async () => {
    const { client, session } = await world.open();
    session.closeCleanly();
    await world.sessions.allClosesRecorded();
    await world.followed();
    expect(client.calls).toEqual(['session ended']);
  });

  it('ends when its Connection is closed over REST', async () => {
    const { client, session } = await world.open();
    await closedByOthers(session, 'admin');
    expect(await client.ended.promise).toBe('connection_closed');
    expect(world.closes).toHaveLength(1);
  });

  it('ends as lost when a worker closes it because its node was declared lost', async () => {
    const { client, session } = await world.open();
    await closedByOthers(session, 'node_lost');
    expect(await client.ended.promise).toBe('node_lost');
  });

  it('ends when its User is deleted', async () => {
    const { client, session } = await world.open();
    await userDeleted(userStream(session.userSid));
    expect(await client.ended.promise).toBe('user_deleted');
  });

  it('ends when its close is in the log feed before its opening is acknowledged', async () => {
    const append = world.store.append.bind(world.store);
    world.store.append = async (...call) => {
      const result = await append(...call);
      world.store.append = append;
      await userDeleted(call[0]);
      await world.followed();
      return result;
    };
    const client = new RecordingClient();
    await world.open(client).catch((error: unknown) => {
      expect(error).toMatchObject({ name: 'NotServingError', reason: 'closed_meanwhile' });
    });
    expect(await client.ended.promise).toBe('user_deleted');
    expect(world.closes).toHaveLength(1);
  });

  it('retries to record its close until the log takes it', async () => {
    const { session } = await world.open();
    for (let failure = 0; failure < 14; failure += 1) {
      world.store.failNextRead(new EventStoreUnavailableError('away'));
      world.store.failNextAppend(new EventStoreUnavailableError('away'));
    }
    session.closeCleanly();
    await world.sessions.allClosesRecorded();
    expect(world.types.at(-1)).toBe('ConnectionClosed');
  });

  it('is closed when it is not known whether its opening was recorded', async () => {
    for (let failure = 0; failure < 12; failure += 1) {
      world.store.failNextAppend(new AppendOutcomeUnknownError('?'), 'after');
    }
    const client = new RecordingClient();
    await expect(world.open(client)).rejects.toThrow(AppendOutcomeUnknownError);
    await until('the close', () => (world.closes.length > 0 ? true : undefined));
    expect(world.types).toEqual(['UserCreated', 'ConnectionOpened', 'ConnectionClosed']);
    expect(client.calls).toEqual([]);
  });

  it('is not opened for an unknown Service', async () => {
    const token = { ...world.token(), serviceSid: `IS${'2'.repeat(32)}` };
    await expect(world.open(new RecordingClient(), token)).rejects.toMatchObject({
      code: 'SERVICE.NOT_FOUND',
    });
    expect(world.types).toEqual([]);
  });

  describe('of a User who connects too often', () => {
    const connectOften = async () => {
      for (let count = 0; count < CONNECT_BURST_PER_USER; count += 1) {
        (await world.open()).session.closeCleanly();
      }
    };
    const refusal = { code: 'too_many_connects', retryAfterSeconds: 1 };

    it('is not opened, and nothing is recorded, until a while later', async () => {
      await connectOften();
      const recorded = world.types.filter((type) => type === 'ConnectionOpened');
      await expect(world.open()).rejects.toMatchObject(refusal);
      expect(world.types.filter((type) => type === 'ConnectionOpened')).toEqual(recorded);
      world.pass(1_000);
      await world.open();
      await expect(world.open()).rejects.toMatchObject(refusal);
    });

    it('does not keep other Users out', async () => {
      await connectOften();
      await world.open(new RecordingClient(), world.token('bob'));
    });

    it('is resumed all the same, and that does not count', async () => {
      const { session } = await world.open();
      for (let count = 0; count < 2 * CONNECT_BURST_PER_USER; count += 1) {
        session.socketClosed();
        const resumed = new RecordingClient();
        expect(world.sessions.tryResume(world.token(), session.connectionSid, resumed)).toBe(
          session,
        );
      }
      for (let count = 1; count < CONNECT_BURST_PER_USER; count += 1) {
        (await world.open()).session.closeCleanly();
      }
      await expect(world.open()).rejects.toMatchObject(refusal);
    });
  });

  it('is not opened for a User with the maximum number of Connections, until one of those ends', async () => {
    const opened = await Promise.all(
      Array.from({ length: CONNECTIONS_PER_USER }, () => world.open()),
    );
    await expect(world.open()).rejects.toThrow('Too many connections of this User');
    await world.open(new RecordingClient(), world.token('bob'));
    opened[0]?.session.socketClosed();
    await expect(world.open()).rejects.toThrow('Too many connections of this User');
    opened[0]?.session.closeCleanly();
    await world.open();
    await expect(world.open()).rejects.toThrow('Too many connections of this User');
  });

  it('does not count towards the maximum if it was not opened', async () => {
    const nowhere = { ...world.token(), serviceSid: `IS${'2'.repeat(32)}` };
    for (let attempt = 0; attempt <= CONNECTIONS_PER_USER; attempt += 1) {
      await expect(world.open(new RecordingClient(), nowhere)).rejects.toMatchObject({
        code: 'SERVICE.NOT_FOUND',
      });
    }
    world.sessions.stopAdmitting();
    for (let attempt = 0; attempt <= CONNECTIONS_PER_USER; attempt += 1) {
      await expect(world.open()).rejects.toMatchObject({ reason: 'node_stopping' });
    }
  });

  it('is not opened once its Service is deleted, even if earlier sessions are open', async () => {
    await world.open();
    await world.aggregates.services.handle(
      `service-${SERVICE}`,
      { type: 'DeleteService' },
      context('gone'),
    );
    await world.followed();
    await expect(world.open()).rejects.toMatchObject({ code: 'SERVICE.NOT_FOUND' });
  });

  it('does not keep the process from stopping while its close cannot be recorded', async () => {
    const { session } = await world.open();
    await world.store.close();
    world.sessions.stopRecordingCloses();
    session.closeCleanly();
    await world.sessions.allClosesRecorded();
    expect(world.types).toEqual(['UserCreated', 'ConnectionOpened']);
  });

  it('is recorded as closed with few others at a time, when hundreds end at once', async () => {
    const opened = await Promise.all(
      Array.from({ length: 600 }, (_, index) =>
        world.open(new RecordingClient(), world.token(`user-${index}`)),
      ),
    );
    let underWay = 0;
    let most = 0;
    const append = world.store.append.bind(world.store);
    world.store.append = async (...call) => {
      underWay += 1;
      most = Math.max(most, underWay);
      const result = await append(...call);
      underWay -= 1;
      return result;
    };
    for (const { session } of opened) session.closeCleanly();
    await world.sessions.allClosesRecorded();
    expect(world.closes).toHaveLength(600);
    expect(most).toBeLessThanOrEqual(128);
  });
});

describe('A session that has lost its socket', () => {
  it('is closed after the grace period, last seen when the socket closed', async () => {
    const { client, session } = await world.open();
    world.pass(1_000);
    session.socketClosed();
    world.pass(4_900);
    expect(world.sessions.counts).toEqual({ attached: 0, detached: 1 });
    world.pass(100);
    await world.sessions.allClosesRecorded();
    expect(world.closes).toMatchObject([{ cause: 'abrupt', lastSeenAt: at(1_000) }]);
    expect(client.calls).toEqual(['session ended']);
  });

  it('leaves no trace in the log when its client resumes it within the grace period', async () => {
    const { client, session } = await world.open();
    for (let round = 0; round < 5; round += 1) {
      session.socketClosed();
      world.pass(2_000);
      expect(world.sessions.tryResume(world.token(), session.connectionSid, client)).toBe(session);
      world.pass(13_000);
    }
    await world.sessions.allClosesRecorded();
    expect(world.types).toEqual(['UserCreated', 'ConnectionOpened']);
    expect(client.calls).not.toContain('session ended');
  });

  it('is either resumed or closed when its client reconnects just as the grace period ends', async () => {
    const { client, session } = await world.open();
    session.socketClosed();
    world.pass(4_900);
    world.now += 100;
    expect(world.sessions.tryResume(world.token(), session.connectionSid, client)).toBe(session);
    world.wheel.tick();
    world.pass(1_000);
    session.socketClosed();
    world.pass(5_000);
    expect(world.sessions.tryResume(world.token(), session.connectionSid, client)).toBeNull();
    await world.sessions.allClosesRecorded();
    expect(world.closes).toHaveLength(1);
  });

  it('is not resumed while its close is being recorded', async () => {
    const { client, session } = await world.open();
    const hold = Promise.withResolvers<null>();
    world.store.beforeAppend = async () => {
      await hold.promise;
    };
    session.socketClosed();
    world.pass(5_000);
    expect(world.sessions.tryResume(world.token(), session.connectionSid, client)).toBeNull();
    hold.resolve(null);
    await world.sessions.allClosesRecorded();
    expect(world.closes).toHaveLength(1);
  });

  it('is not resumed by another User or Service', async () => {
    const { client, session } = await world.open();
    session.socketClosed();
    const { connectionSid } = session;
    const elsewhere = { ...world.token(), serviceSid: `IS${'2'.repeat(32)}` };
    expect(world.sessions.tryResume(world.token('mallory'), connectionSid, client)).toBeNull();
    expect(world.sessions.tryResume(elsewhere, connectionSid, client)).toBeNull();
    expect(world.sessions.tryResume(world.token(), `CN${'0'.repeat(32)}`, client)).toBeNull();
    expect(world.sessions.tryResume(world.token(), connectionSid, client)).toBe(session);
  });

  it('continues with the client object that has resumed it', async () => {
    const { client, session } = await world.open();
    session.socketClosed();
    const next = new RecordingClient();
    world.sessions.tryResume(world.token(), session.connectionSid, next);
    session.closeCleanly();
    expect([client.calls, next.calls]).toEqual([[], ['session ended']]);
  });

  it('is closed at once when the grace period of its Service is 0', async () => {
    await world.setGrace(0);
    await world.followed();
    const { session } = await world.open();
    session.socketClosed();
    await world.sessions.allClosesRecorded();
    expect(world.closes).toMatchObject([{ cause: 'abrupt' }]);
  });

  it('waits for the current grace period of its Service', async () => {
    const { session } = await world.open();
    session.socketClosed();
    world.pass(1_000);
    await world.setGrace(60);
    await world.followed();
    expect(session.graceMs).toBe(60_000);
    world.pass(30_000);
    expect(world.sessions.counts.detached).toBe(1);
    await world.setGrace(10);
    await world.followed();
    await world.sessions.allClosesRecorded();
    expect(world.closes).toHaveLength(1);
  });

  it('ends when its User is deleted', async () => {
    const { client, session } = await world.open();
    session.socketClosed();
    await userDeleted(userStream(session.userSid));
    expect(await client.ended.promise).toBe('user_deleted');
    world.pass(10_000);
    await world.sessions.allClosesRecorded();
    expect(world.closes).toMatchObject([{ cause: 'admin' }]);
  });

  it('is not closed because the wall clock was set', async () => {
    const { session } = await world.open();
    session.socketClosed();
    world.skew = 86_400_000;
    world.pass(1_000);
    expect(world.sessions.counts.detached).toBe(1);
    world.skew = -86_400_000;
    world.pass(4_000);
    await world.sessions.allClosesRecorded();
    expect(world.closes).toHaveLength(1);
  });
});

describe('A client', () => {
  it('is pinged within 10 s of silence, repeatedly, and stays online while it answers', async () => {
    const { client } = await world.open();
    world.pass(100_000);
    expect(client.calls.length).toBeGreaterThanOrEqual(10);
    expect(new Set(client.calls)).toEqual(new Set(['ping']));
  });

  it('stays online when it answers within the tick of the ping', async () => {
    jest.spyOn(world.wheel, 'now', 'get').mockImplementation(() => world.now + 1);
    const { client } = await world.open();
    world.pass(60_000);
    expect(new Set(client.calls)).toEqual(new Set(['ping']));
  });

  it('is not pinged while it sends frames', async () => {
    const { client, session } = await world.open();
    for (let second = 0; second < 60; second += 1) {
      session.markSeen();
      world.pass(1_000);
    }
    expect(client.calls).toEqual([]);
  });

  it('is closed after 15 s of silence and the grace period, last seen when it last sent something', async () => {
    const { client, session } = await world.open();
    world.pass(3_000);
    session.markSeen();
    client.answers = false;
    world.pass(15_300);
    expect(client.calls).toEqual(['ping', 'silent']);
    expect(world.sessions.counts).toEqual({ attached: 0, detached: 1 });
    // Its gateway cut the socket off, which then says so.
    session.socketClosed();
    world.pass(5_000);
    await world.sessions.allClosesRecorded();
    expect(world.closes).toMatchObject([{ cause: 'timeout', lastSeenAt: at(3_000) }]);
    expect(client.calls.at(-1)).toBe('session ended');
  });

  it('can resume within the grace period after it fell silent', async () => {
    const { client, session } = await world.open();
    client.answers = false;
    world.pass(16_000);
    expect(client.calls.at(-1)).toBe('silent');
    client.answers = true;
    expect(world.sessions.tryResume(world.token(), session.connectionSid, client)).toBe(session);
    world.pass(30_000);
    expect(world.sessions.counts.attached).toBe(1);
    expect(world.closes).toEqual([]);
  });

  it('is not closed for silence while this process itself was stopped', async () => {
    const { client, session } = await world.open();
    client.answers = false;
    while (!client.calls.includes('ping')) world.pass(100);
    world.now += 5_500;
    world.wheel.tick();
    // The answer was waiting to be read.
    session.markSeen();
    world.pass(5_000);
    expect(client.calls).toEqual(['ping']);
  });

  it('is warned before its token expires, and its session ends when it does', async () => {
    const { client } = await world.open(new RecordingClient(), world.token('alice', 600_000));
    world.pass(419_900);
    expect(client.calls.filter((word) => word !== 'ping')).toEqual([]);
    world.pass(100);
    expect(client.calls).toContain('token expires in 180000');
    world.pass(180_000);
    await world.sessions.allClosesRecorded();
    expect(client.calls.slice(-2)).toEqual(['token_expired', 'session ended']);
    expect(world.closes).toMatchObject([{ cause: 'expired' }]);
  });

  it('renews its session with another token of its own, and with no other User’s', async () => {
    const { client, session } = await world.open(
      new RecordingClient(),
      world.token('alice', 60_000),
    );
    world.pass(50_000);
    expect(session.renew(world.token('mallory'))).toBe(false);
    expect(session.renew(world.token('alice', 60_000))).toBe(true);
    world.pass(50_000);
    expect(client.calls).not.toContain('token_expired');
    world.pass(10_000);
    expect(client.calls.slice(-2)).toEqual(['token_expired', 'session ended']);
    expect(session.renew(world.token())).toBe(false);
  });

  it('is warned once, halfway, when its token is short-lived', async () => {
    const { client, session } = await world.open(
      new RecordingClient(),
      world.token('alice', 20_000),
    );
    world.pass(10_000);
    session.renew(world.token('alice', 20_000));
    world.pass(9_900);
    expect(client.calls.filter((word) => word.startsWith('token'))).toHaveLength(1);
  });

  it('is closed once when its token expires as its socket closes', async () => {
    const { session } = await world.open(new RecordingClient(), world.token('alice', 1_000));
    world.now += 1_000;
    session.socketClosed();
    world.pass(6_000);
    await world.sessions.allClosesRecorded();
    expect(world.closes).toHaveLength(1);
  });
});
