import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { muteLogger } from '../../../../../test/support/muted-logger.ts';
import { RecordingClient, SessionWorld } from '../../../../../test/support/session-world.ts';
import { until } from '../../../../../test/support/until.ts';
import { Drain } from './drain.ts';

/** A client that closes its socket as soon as it is told to move, unless it `keeps` it. */
class MovingClient extends RecordingClient {
  reconnectInMs = NaN;
  keeps = false;

  override move(reconnectInMs = NaN): void {
    super.move();
    this.reconnectInMs = reconnectInMs;
    if (!this.keeps) queueMicrotask(() => this.session?.socketClosed());
  }
}

describe('Draining a process', () => {
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

  const drain = (seconds = 10) => new Drain({ DRAIN_SECONDS: seconds }, world.sessions);

  function openMany(count: number): Promise<MovingClient[]> {
    return Promise.all(
      Array.from({ length: count }, async (_, index) => {
        const client = new MovingClient();
        await world.open(client, world.token(`user-${index}`));
        return client;
      }),
    );
  }

  it('is done at once without clients', async () => {
    const nextTurn = new Promise<string>((resolve) => {
      setImmediate(() => resolve('not yet'));
    });
    const done = drain()
      .run()
      .then(() => 'done');
    expect(await Promise.race([done, nextTurn])).toBe('done');
  });

  it('tells its clients to reconnect, each after a random time, and records nothing', async () => {
    const clients = await openMany(40);
    await drain().run();
    const waits = clients.map(({ reconnectInMs }) => reconnectInMs);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...waits)).toBeLessThanOrEqual(1_000);
    expect(new Set(waits).size).toBeGreaterThan(20);
    expect(clients.every(({ calls }) => calls.join() === 'move,session ended')).toBe(true);
    expect(world.closes).toEqual([]);
  });

  it('moves thousands of clients gradually', async () => {
    const clients = await openMany(1_500);
    const moved = () => clients.filter(({ calls }) => calls.includes('move')).length;
    const done = drain(1).run();
    expect(moved()).toBeGreaterThan(0);
    expect(moved()).toBeLessThan(200);
    await done;
    expect(moved()).toBe(1_500);
  });

  it('moves all clients at once when hurried', async () => {
    const clients = await openMany(1_500);
    const twice = drain();
    const done = twice.run();
    twice.hurry();
    await done;
    expect(clients.every(({ calls }) => calls.includes('move'))).toBe(true);
  });

  it('opens and resumes no session', async () => {
    const { client, session } = await world.open();
    session.socketClosed();
    await drain().run();
    expect(world.sessions.tryResume(world.token(), session.connectionSid, client)).toBeNull();
    await expect(world.open()).rejects.toMatchObject({ reason: 'node_stopping' });
  });

  it('moves a client whose session was being opened when it began', async () => {
    const hold = Promise.withResolvers<null>();
    world.store.beforeAppend = async () => {
      await hold.promise;
    };
    const client = new MovingClient();
    const before = world.store.appendCalls;
    const opening = world.open(client);
    await until('the append', () => (world.store.appendCalls > before ? true : undefined));
    const done = drain().run();
    hold.resolve(null);
    await Promise.all([opening, done]);
    expect(client.calls).toContain('move');
    expect(world.closes).toEqual([]);
  });

  it('opens no session for a client whose token was being verified when it began', async () => {
    const opening = world.open();
    const refused = expect(opening).rejects.toMatchObject({ reason: 'node_stopping' });
    await drain().run();
    await refused;
    expect(world.types).toEqual([]);
  });

  it('records a clean close of a client that says bye, even after it was told to move', async () => {
    const [one, other] = await openMany(2);
    if (one === undefined || other === undefined) throw new Error('They are not there');
    one.keeps = true;
    one.session?.markSeen();
    const done = drain().run();
    one.session?.closeCleanly();
    await done;
    expect(world.closes).toMatchObject([{ cause: 'clean' }]);
    expect(other.calls).toContain('move');
  });

  it('does not wait for a client that keeps its socket', async () => {
    const [client] = await openMany(1);
    if (client === undefined) throw new Error('It is not there');
    client.keeps = true;
    await drain().run();
    expect(world.closes).toEqual([]);
  });

  it('leaves closes that would take too long to other nodes', async () => {
    const clients = await openMany(200);
    const late = await world.open();
    const hold = Promise.withResolvers<null>();
    world.store.beforeAppend = async () => {
      await hold.promise;
    };
    for (const { session } of clients) session?.closeCleanly();
    const hurried = drain();
    hurried.hurry();
    await hurried.run();
    hold.resolve(null);
    await world.sessions.allClosesRecorded();
    const recorded = world.closes.length;
    expect(recorded).toBeGreaterThan(0);
    expect(recorded).toBeLessThan(clients.length);
    late.session.closeCleanly();
    await world.sessions.allClosesRecorded();
    expect(world.closes).toHaveLength(recorded);
  });
});
