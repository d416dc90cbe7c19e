import { describe, expect, it } from '@jest/globals';
import { retryUntilAborted } from './retry.ts';

const AT_ONCE = { baseMs: 0, capMs: 0 };
const NEVER = { baseMs: 1e9, capMs: 1e9 };

describe('retryUntilAborted', () => {
  it('reports each failure, and returns the result of the first success', async () => {
    const errors: unknown[] = [];
    let attempts = 0;
    const task = async (): Promise<string> => {
      attempts += 1;
      if (attempts < 3) throw new Error(`attempt ${attempts}`);
      return 'done';
    };
    const { signal } = new AbortController();
    expect(await retryUntilAborted(AT_ONCE, signal, task, (error) => errors.push(error))).toBe(
      'done',
    );
    expect(errors).toEqual([new Error('attempt 1'), new Error('attempt 2')]);
  });

  it('returns null when it is aborted while it waits', async () => {
    const abort = new AbortController();
    const task = (): Promise<never> => Promise.reject(new Error('always'));
    expect(await retryUntilAborted(NEVER, abort.signal, task, () => abort.abort())).toBeNull();
  });

  it('does not run the task after an abort', async () => {
    const task = (): Promise<never> => Promise.reject(new Error('must not run'));
    const onError = (error: unknown): never => {
      throw error;
    };
    expect(await retryUntilAborted(AT_ONCE, AbortSignal.abort(), task, onError)).toBeNull();
  });
});
