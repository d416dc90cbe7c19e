import { describe, expect, it } from '@jest/globals';
import { batches } from './batches.ts';

const never = new AbortController().signal;

/** A source that a test feeds by hand. It ends when its signal aborts, as `batches` requires. */
class Source {
  readonly #items: number[] = [];
  #end: { error?: Error } | null = null;
  #wake = Promise.withResolvers<undefined>();
  taken = 0;
  openSignal: AbortSignal | null = null;
  /** True once the iteration was left or has ended. */
  closed = false;

  readonly open = (signal: AbortSignal): AsyncIterable<number> => {
    this.openSignal = signal;
    signal.addEventListener('abort', () => this.#wake.resolve(undefined));
    return this.#iterate(signal);
  };

  push(...items: readonly number[]): void {
    this.#items.push(...items);
    this.#wake.resolve(undefined);
  }

  end(error?: Error): void {
    this.#end = error === undefined ? {} : { error };
    this.#wake.resolve(undefined);
  }

  async *#iterate(signal: AbortSignal): AsyncGenerator<number> {
    try {
      for (;;) {
        for (let item = this.#items.shift(); item !== undefined; item = this.#items.shift()) {
          this.taken += 1;
          yield item;
        }
        if (this.#end?.error !== undefined) throw this.#end.error;
        if (this.#end !== null || signal.aborted) return;
        await this.#wake.promise;
        this.#wake = Promise.withResolvers();
      }
    } finally {
      this.closed = true;
    }
  }
}

const range = (length: number): number[] => Array.from({ length }, (_, index) => index);

describe('Batches', () => {
  it('contain all items that have arrived', async () => {
    const source = new Source();
    const read = batches(source.open, 100, never);
    source.push(1, 2, 3);
    expect((await read.next()).value).toEqual([1, 2, 3]);
    source.push(4);
    expect((await read.next()).value).toEqual([4]);
    await read.return(undefined);
  });

  it('contain all items that arrive in one turn while the consumer waits', async () => {
    const source = new Source();
    const read = batches(source.open, 100, never);
    const waiting = read.next();
    source.push(1);
    source.push(2, 3);
    expect((await waiting).value).toEqual([1, 2, 3]);
    await read.return(undefined);
  });

  it('contain no more than the maximum, and lose nothing', async () => {
    const source = new Source();
    source.push(...range(25));
    source.end();
    const read = await Array.fromAsync(batches(source.open, 10, never));
    expect(read.flat()).toEqual(range(25));
    expect(read.map(({ length }) => length)).toEqual([10, 10, 5]);
  });

  it('are as large for a fast consumer as for a slow one', async () => {
    const source = new Source();
    source.push(...range(100));
    source.end();
    const lengths: number[] = [];
    for await (const { length } of batches(source.open, 25, never)) lengths.push(length);
    expect(lengths).toEqual([25, 25, 25, 25]);
  });

  it('read ahead while the consumer works, but no further than one batch', async () => {
    const source = new Source();
    source.push(...range(100));
    const read = batches(source.open, 10, never);
    await read.next();
    await new Promise(setImmediate);
    expect(source.taken).toBe(20);
    await new Promise(setImmediate);
    expect(source.taken).toBe(20);
    await read.return(undefined);
  });

  it('end when the source ends', async () => {
    const source = new Source();
    source.end();
    expect(await Array.fromAsync(batches(source.open, 10, never))).toEqual([]);
  });

  it('deliver the items before an error of the source, then the error', async () => {
    const source = new Source();
    source.push(1, 2);
    source.end(new Error('connection lost'));
    const read = batches(source.open, 10, never);
    expect((await read.next()).value).toEqual([1, 2]);
    await expect(read.next()).rejects.toThrow('connection lost');
    expect((await read.next()).done).toBe(true);
  });

  it('throw the error of a source that cannot be opened', async () => {
    const open = (): AsyncIterable<number> => {
      throw new Error('closed');
    };
    await expect(batches(open, 10, never).next()).rejects.toThrow('closed');
  });

  it('end without an error when aborted while waiting', async () => {
    const source = new Source();
    const abort = new AbortController();
    const waiting = batches(source.open, 10, abort.signal).next();
    abort.abort();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(source.closed).toBe(true);
  });

  it.each([
    ['the source waits for its next item', 1],
    ['the source has been read ahead as far as allowed', 50],
    ['the source still delivers', 15],
  ])('end the source when left early while %s', async (_, items) => {
    const source = new Source();
    source.push(...range(items));
    for await (const _ of batches(source.open, 10, never)) break;
    expect(source.openSignal?.aborted).toBe(true);
    expect(source.closed).toBe(true);
  });

  it('end the source when the consumer throws', async () => {
    const source = new Source();
    source.push(1);
    const consume = async (): Promise<void> => {
      for await (const _ of batches(source.open, 10, never)) throw new Error('no good');
    };
    await expect(consume()).rejects.toThrow('no good');
    expect(source.closed).toBe(true);
  });

  it('take the ready items of a source at once, up to the read-ahead limit', async () => {
    const items = range(25);
    const asked: number[] = [];
    const source: AsyncIterator<number, undefined> & { ready: (most: number) => number[] } = {
      next: async () => {
        const value = items.shift();
        return value === undefined ? { done: true, value } : { done: false, value };
      },
      ready: (most) => {
        asked.push(most);
        return items.splice(0, most);
      },
    };
    const read: number[][] = [];
    for await (const batch of batches(
      () => ({ [Symbol.asyncIterator]: () => source }),
      10,
      never,
    )) {
      read.push(batch);
    }
    expect(read.flat()).toEqual(range(25));
    expect(read.map(({ length }) => length)).toEqual([10, 10, 5]);
    expect(asked).toEqual([9, 9, 9]);
  });
});
