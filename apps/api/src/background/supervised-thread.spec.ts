import { Worker } from 'node:worker_threads';
import { describe, expect, it } from '@jest/globals';
import { until } from '../../../../test/support/until.ts';
import { SupervisedThread } from './supervised-thread.ts';

const SOON = { baseMs: 0, capMs: 0 };
const NEVER = { baseMs: 2 ** 30, capMs: 2 ** 30 };

/** Ends at the first message; "throw" makes it fail instead, "leave" ends it with a code. */
const OBEDIENT = `
  const { parentPort } = require('node:worker_threads');
  parentPort.on('message', (word) => {
    if (word === 'throw') throw new Error('it failed');
    if (word === 'leave') process.exit(3);
    parentPort.close();
  });
  parentPort.postMessage('here');
`;

/** A kept thread, and what it did. */
class Kept {
  readonly workers: Worker[] = [];
  readonly deaths: string[] = [];
  readonly thread: SupervisedThread<unknown>;
  #arrived = Promise.withResolvers<Worker>();

  constructor(script: string, retry = SOON) {
    this.thread = new SupervisedThread({
      start: () => {
        const worker = new Worker(script, { eval: true });
        this.workers.push(worker);
        return worker;
      },
      onMessage: () => {
        const worker = this.workers.at(-1);
        if (worker !== undefined) this.#arrived.resolve(worker);
      },
      onDeath: (reason) => this.deaths.push(reason),
      retry,
    });
    this.thread.start();
  }

  /** The next thread that says that it is there. */
  async next(): Promise<Worker> {
    const worker = await this.#arrived.promise;
    this.#arrived = Promise.withResolvers();
    return worker;
  }
}

describe('A kept thread', () => {
  it('is followed by another each time that it dies, of whatever', async () => {
    const kept = new Kept(OBEDIENT);
    (await kept.next()).postMessage('throw');
    (await kept.next()).postMessage('leave');
    await (await kept.next()).terminate();
    await kept.next();
    expect(kept.deaths).toEqual([
      'Error: it failed',
      'it ended with code 3',
      'it ended with code 1',
    ]);
    await kept.thread.stop('stop');
    expect(kept.workers).toHaveLength(4);
  });

  it('is followed by another when it ends unasked, even in good order', async () => {
    const kept = new Kept(OBEDIENT);
    (await kept.next()).postMessage('end');
    await kept.next();
    expect(kept.deaths).toEqual(['it ended with code 0']);
    await kept.thread.stop('stop');
  });

  it('is not followed by another when it is stopped', async () => {
    const kept = new Kept(OBEDIENT);
    await kept.next();
    await kept.thread.stop('stop');
    expect(kept.deaths).toEqual([]);
    expect(kept.workers).toHaveLength(1);
  });

  it('takes its stop while it is only starting', async () => {
    const kept = new Kept(OBEDIENT);
    await kept.thread.stop('stop');
    expect(kept.deaths).toEqual([]);
    expect(kept.workers).toHaveLength(1);
  });

  it('is not started again once it is stopped between two lives', async () => {
    const kept = new Kept(OBEDIENT, NEVER);
    (await kept.next()).postMessage('throw');
    await until('its death', () => (kept.deaths.length > 0 ? true : undefined));
    await kept.thread.stop('stop');
    expect(kept.workers).toHaveLength(1);
  });

  it('says so when it fails at its stop', async () => {
    const kept = new Kept(OBEDIENT);
    await kept.next();
    await kept.thread.stop('throw');
    expect(kept.deaths).toEqual(['Error: it failed']);
    expect(kept.workers).toHaveLength(1);
  });

  it('ends at once where it was never started', async () => {
    const thread = new SupervisedThread({
      start: () => new Worker(OBEDIENT, { eval: true }),
      onMessage: () => undefined,
      onDeath: () => undefined,
    });
    await thread.stop('stop');
  });
});
