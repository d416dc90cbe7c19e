import type { ReadyIterator, SubscriptionMessage } from '../../event-store.ts';

type MessageChunks = AsyncGenerator<readonly SubscriptionMessage[], void>;

/**
 * Delivers messages one by one from chunks. A generator that yields each message would cost several promises per
 * message, here and in every layer above.
 */
export class MessageIterator
  implements AsyncIterable<SubscriptionMessage>, ReadyIterator<SubscriptionMessage>
{
  readonly #chunks: MessageChunks;
  readonly #leave: () => void;
  readonly #queue: (readonly SubscriptionMessage[])[] = [];
  /** Messages of the first chunk in the queue that have been delivered. */
  #taken = 0;

  /** @param leave makes a pending read of the next chunk end */
  constructor(chunks: MessageChunks, leave: () => void) {
    this.#chunks = chunks;
    this.#leave = leave;
  }

  async next(): Promise<IteratorResult<SubscriptionMessage, undefined>> {
    for (let ended = false; ;) {
      const [value] = this.ready(1);
      if (value !== undefined) return { done: false, value };
      if (ended) return { done: true, value: undefined };
      const chunk = await this.#chunks.next();
      // With several pending calls, one that gets no chunk takes from the chunks that the others queued.
      if (chunk.done === true) ended = true;
      else this.#queue.push(chunk.value);
    }
  }

  ready(max: number): SubscriptionMessage[] {
    const messages: SubscriptionMessage[] = [];
    for (let chunk = this.#queue[0]; chunk !== undefined; chunk = this.#queue[0]) {
      const end = this.#taken + max - messages.length;
      messages.push(...chunk.slice(this.#taken, end));
      this.#taken = end;
      if (end < chunk.length) break;
      this.#taken = 0;
      this.#queue.shift();
    }
    return messages;
  }

  /** Without `#leave`, the generator's `return()` would wait for a pending `next()`. */
  async return(): Promise<IteratorResult<SubscriptionMessage, undefined>> {
    this.#leave();
    this.#queue.length = 0;
    await this.#chunks.return();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
