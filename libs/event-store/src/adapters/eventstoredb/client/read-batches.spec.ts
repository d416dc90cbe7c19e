import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { LogClientError } from '../log-client.ts';
import { readBatches } from './read-batches.ts';

const never = new AbortController().signal;

function numbers(): PassThrough {
  return new PassThrough({ objectMode: true, highWaterMark: 16 });
}

describe('Reading a stream in batches', () => {
  it('returns items that arrive together as one batch, in order', async () => {
    const source = numbers();
    const chunks = readBatches<number>(source, never, Infinity);
    const first = chunks.next();
    for (const item of [1, 2, 3]) source.write(item);
    expect((await first).value).toEqual([1, 2, 3]);
    source.end(4);
    expect((await chunks.next()).value).toEqual([4]);
    expect((await chunks.next()).done).toBe(true);
  });

  it('returns the items before an error, then throws the error', async () => {
    const source = numbers();
    const chunks = readBatches<number>(source, never, Infinity);
    const first = chunks.next();
    source.write(1);
    source.emit('data', 2);
    source.emit('error', new Error('broken'));
    expect((await first).value).toEqual(expect.arrayContaining([2]));
    await expect(chunks.next()).rejects.toThrow('broken');
  });

  it('pauses the source at a thousand items, and resumes it when they are taken', async () => {
    const source = numbers();
    const chunks = readBatches<number>(source, never, Infinity);
    const first = chunks.next();
    for (let item = 0; item < 5_000; item += 1) source.write(item);
    const { value } = await first;
    expect(value?.length).toBe(1_000);
    const rest: number[] = [];
    source.end();
    for await (const chunk of chunks) {
      expect(chunk.length).toBeLessThanOrEqual(1_000);
      rest.push(...chunk);
    }
    expect([...(value ?? []), ...rest]).toEqual(Array.from({ length: 5_000 }, (_, item) => item));
  });

  it('drops buffered items and ends when the signal aborts', async () => {
    const source = numbers();
    const left = new AbortController();
    const chunks = readBatches<number>(source, left.signal, Infinity);
    const first = chunks.next();
    source.write(1);
    left.abort();
    expect((await first).done).toBe(true);
  });

  it('fails when nothing arrives in time, after the items that arrived before', async () => {
    const source = numbers();
    const chunks = readBatches<number>(source, never, 20);
    source.write(1);
    expect((await chunks.next()).value).toEqual([1]);
    await expect(chunks.next()).rejects.toThrow(LogClientError);
  });

  it('keeps nothing and throws nothing after the consumer has left', async () => {
    const source = numbers();
    for await (const chunk of readBatches<number>(writing(source, 1), never, Infinity)) {
      expect(chunk).toEqual([1]);
      break;
    }
    source.write(2);
    expect(source.emit('error', new Error('too late'))).toBe(true);
  });
});

function writing(source: PassThrough, item: number): PassThrough {
  source.write(item);
  return source;
}
