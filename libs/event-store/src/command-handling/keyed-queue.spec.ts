import { describe, expect, it } from '@jest/globals';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { KeyedQueue } from './keyed-queue.ts';

describe('A keyed queue', () => {
  it('runs the tasks of one key one after another, in the order they came', async () => {
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

  it('runs the tasks of different keys side by side', async () => {
    const queue = new KeyedQueue();
    const second = Promise.withResolvers<string>();
    const waitsForSecond = queue.run('a', () => second.promise);
    await queue.run('b', async () => {
      await nextTurn();
      second.resolve('met');
    });
    expect(await waitsForSecond).toBe('met');
  });

  it('hands a failure to its caller alone and goes on with the next task', async () => {
    const queue = new KeyedQueue();
    const failing = queue.run('a', () => Promise.reject(new Error('broken')));
    const next = queue.run('a', () => Promise.resolve('fine'));
    await expect(failing).rejects.toThrow('broken');
    expect(await next).toBe('fine');
  });

  it('takes a task that throws before it returns a promise for a failed one', async () => {
    const queue = new KeyedQueue();
    const failing = queue.run('a', () => {
      throw new Error('broken');
    });
    await expect(failing).rejects.toThrow('broken');
    expect(await queue.run('a', () => Promise.resolve('fine'))).toBe('fine');
  });

  it('may be used again for a key that has come to rest', async () => {
    const queue = new KeyedQueue();
    await queue.run('a', () => Promise.resolve());
    await nextTurn();
    expect(await queue.run('a', () => Promise.resolve('again'))).toBe('again');
  });

  it('leaves no rejection of its own unhandled', async () => {
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
