import { describe, expect, it } from '@jest/globals';
import { StoreHealthRecord } from '#event-store';
import { OperationalStateUnavailableError } from '#operational-state';
import { recordOutcomes } from './record-outcomes.ts';

/** A store with private state, whose methods cannot be replaced. */
class Numbers {
  error: Error | null = null;
  #value = 0;

  constructor() {
    Object.defineProperty(this, 'get', { value: this.get.bind(this) });
  }

  get(): Promise<number> {
    return this.error === null ? Promise.resolve(this.#value) : Promise.reject(this.error);
  }

  set(value: number): Promise<void> {
    if (this.error !== null) return Promise.reject(this.error);
    this.#value = value;
    return Promise.resolve();
  }
}

function recorded(): { numbers: Numbers; recorded: Numbers; record: StoreHealthRecord } {
  const numbers = new Numbers();
  const record = new StoreHealthRecord(() => 42);
  return { numbers, recorded: recordOutcomes(numbers, ['get'], record), record };
}

describe('A store whose calls are recorded', () => {
  it('does the same, and records good reads and writes', async () => {
    const { recorded: store, record } = recorded();
    await store.set(7);
    expect(record.health).toMatchObject({ lastGoodReadAt: null, lastGoodWriteAt: 42 });
    expect(await store.get()).toBe(7);
    expect(record.health).toMatchObject({ state: 'up', lastGoodReadAt: 42 });
  });

  it('is unwritable while writes say that it is unavailable', async () => {
    const { numbers, recorded: store, record } = recorded();
    numbers.error = new OperationalStateUnavailableError('database is locked');
    await expect(store.set(1)).rejects.toBe(numbers.error);
    expect(record.health).toMatchObject({ state: 'unwritable', reason: 'database is locked' });
    numbers.error = null;
    await store.set(1);
    expect(record.health.state).toBe('up');
  });

  it('is away while reads say so', async () => {
    const { numbers, recorded: store, record } = recorded();
    numbers.error = new OperationalStateUnavailableError('no answer');
    await expect(store.get()).rejects.toBe(numbers.error);
    expect(record.health).toMatchObject({ state: 'away', reason: 'no answer' });
  });

  it('is up after a mistake of its caller', async () => {
    const { numbers, recorded: store, record } = recorded();
    numbers.error = new RangeError('not a number');
    await expect(store.set(1)).rejects.toBe(numbers.error);
    expect(record.health.state).toBe('up');
  });
});
