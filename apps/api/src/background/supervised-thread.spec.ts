import { Worker } from 'node:worker_threads';
import { describe, expect, it } from '@jest/globals';
import { until } from '../../../../test/support/until.ts';
import { SupervisedThread } from './supervised-thread.ts';

const SOON = { baseMs: 0, capMs: 0 };
const NEVER = { baseMs: 2 ** 30, capMs: 2 ** 30 };

/** Ends at the first message. "throw" makes it throw, "leave" makes it exit with a code. */
const SCRIPT = `
  const { parentPort } = require('node:worker_threads');
  parentPort.on('message', (word) => {
    if (word === 'throw') throw new Error('it failed');
    if (word === 'leave') process.exit(3);
    parentPort.close();
  });
  parentPort.postMessage('started');
`;

/** A supervised thread that records its starts and failures. */
class Supervised {
  readonly workers: Worker[] = [];
  readonly failures: string[] = [];
  readonly thread: SupervisedThread<unknown>;
  #started = Promise.withResolvers<Worker>();

  constructor(script: string, retry = SOON) {
    this.thread = new SupervisedThread({
      start: () => {
        const worker = new Worker(script, { eval: true });
        this.workers.push(worker);
        return worker;
      },
      onMessage: () => {
        const worker = this.workers.at(-1);
        if (worker !== undefined) this.#started.resolve(worker);
      },
      onExit: (reason) => this.failures.push(reason),
      retry,
    });
    this.thread.start();
  }

  /** Returns the next thread that has started. */
  async next(): Promise<Worker> {
    const worker = await this.#started.promise;
    this.#started = Promise.withResolvers();
    return worker;
  }
}

describe('A supervised thread', () => {
  it('is restarted after each failure, whatever the reason', async () => {
    const supervised = new Supervised(SCRIPT);
    (await supervised.next()).postMessage('throw');
    (await supervised.next()).postMessage('leave');
    await (await supervised.next()).terminate();
    await supervised.next();
    expect(supervised.failures).toEqual([
      'Error: it failed',
      'it ended with code 3',
      'it ended with code 1',
    ]);
    await supervised.thread.stop('stop');
    expect(supervised.workers).toHaveLength(4);
  });

  it('is restarted when it ends without a stop, even with code 0', async () => {
    const supervised = new Supervised(SCRIPT);
    (await supervised.next()).postMessage('end');
    await supervised.next();
    expect(supervised.failures).toEqual(['it ended with code 0']);
    await supervised.thread.stop('stop');
  });

  it('is not restarted when it is stopped', async () => {
    const supervised = new Supervised(SCRIPT);
    await supervised.next();
    await supervised.thread.stop('stop');
    expect(supervised.failures).toEqual([]);
    expect(supervised.workers).toHaveLength(1);
  });

  it('stops even while it is starting', async () => {
    const supervised = new Supervised(SCRIPT);
    await supervised.thread.stop('stop');
    expect(supervised.failures).toEqual([]);
    expect(supervised.workers).toHaveLength(1);
  });

  it('is not restarted if it is stopped while it waits for a restart', async () => {
    const supervised = new Supervised(SCRIPT, NEVER);
    (await supervised.next()).postMessage('throw');
    await until('its failure', () => (supervised.failures.length > 0 ? true : undefined));
    await supervised.thread.stop('stop');
    expect(supervised.workers).toHaveLength(1);
  });

  it('reports a failure during its stop', async () => {
    const supervised = new Supervised(SCRIPT);
    await supervised.next();
    await supervised.thread.stop('throw');
    expect(supervised.failures).toEqual(['Error: it failed']);
    expect(supervised.workers).toHaveLength(1);
  });

  it('stops immediately if it was never started', async () => {
    const thread = new SupervisedThread({
      start: () => new Worker(SCRIPT, { eval: true }),
      onMessage: () => undefined,
      onExit: () => undefined,
    });
    await thread.stop('stop');
  });
});
