import { describe, expect, it } from '@jest/globals';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { KeyedQueue } from './keyed-queue.ts';

describe('A keyed queue', () => {
  it('runs the tasks of one key one after another, in order', async () => {
    const queue = new KeyedQueue();
    const steps: string[] = [];
    const task = (name: string) => async () => {
      steps.push(`${name} begins`);
      await nextTurn();
      steps.push(`${name} ends`);
    };
    await Promise.all([queue.run('a', task('first')), queue.run('a', task('second'))]);
    expect(steps).toEqual(['first begins', 'first ends', 'second begins', 'second ends']);
  });

  it('runs the tasks of different keys concurrently', async () => {
    const queue = new KeyedQueue();
    const second = Promise.withResolvers<string>();
    const waitsForSecond = queue.run('a', () => second.promise);
    await queue.run('b', async () => {
      await nextTurn();
      second.resolve('met');
    });
    expect(await waitsForSecond).toBe('met');
  });

  it('rejects only the caller of a failed task and runs the next one', async () => {
    const queue = new KeyedQueue();
    const failing = queue.run('a', () => Promise.reject(new Error('broken')));
    const next = queue.run('a', () => Promise.resolve('fine'));
    await expect(failing).rejects.toThrow('broken');
    expect(await next).toBe('fine');
  });

  it('treats a task that throws synchronously as failed', async () => {
    const queue = new KeyedQueue();
    const failing = queue.run('a', () => {
      throw new Error('broken');
    });
    await expect(failing).rejects.toThrow('broken');
    expect(await queue.run('a', () => Promise.resolve('fine'))).toBe('fine');
  });

  it('runs another task of a key that was idle', async () => {
    const queue = new KeyedQueue();
    await queue.run('a', () => Promise.resolve());
    await nextTurn();
    expect(await queue.run('a', () => Promise.resolve('again'))).toBe('again');
  });

  it('causes no unhandled rejection', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', note);
    try {
      const queue = new KeyedQueue();
      await queue.run('a', () => Promise.reject(new Error('broken'))).catch(() => undefined);
      await queue.run('a', () => Promise.resolve());
      await nextTurn();
      expect(unhandled).toEqual([]);
    } finally {
      process.off('unhandledRejection', note);
    }
  });
});
