import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { basic, type BasicCredentials, type JsonObject } from './http-client.ts';
import { until } from './until.ts';

/** An event of a change feed. */
export interface FeedEvent {
  readonly event: string;
  readonly id: string;
  readonly data: JsonObject;
}

/** One connection to a change feed, and everything that came over it. */
export class ChangeFeedReader {
  readonly events: FeedEvent[] = [];
  /** Times after which the server asked to reconnect, in milliseconds. */
  readonly retries: number[] = [];
  heartbeats = 0;
  /** The id that a reader resumes from. */
  lastEventId = '';
  hasEnded = false;
  readonly response: IncomingMessage;
  readonly #request: ClientRequest;
  #rest = '';

  private constructor(outgoing: ClientRequest, response: IncomingMessage) {
    this.#request = outgoing;
    this.response = response;
    response.setEncoding('utf8');
    response.on('data', (text: string) => this.#read(text));
    response.on('error', () => undefined);
    response.on('close', () => (this.hasEnded = true));
  }

  /** Settles with the head of the answer, whatever its status. */
  static open(
    origin: string,
    path: string,
    credentials: BasicCredentials,
    lastEventId?: string,
  ): Promise<ChangeFeedReader> {
    const { hostname, port } = new URL(origin);
    const headers = {
      authorization: basic(credentials),
      ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
    };
    return new Promise((resolve, reject) => {
      const outgoing = request({ hostname, port, path, headers, agent: false }, (response) =>
        resolve(new ChangeFeedReader(outgoing, response)),
      );
      outgoing.on('error', reject);
      outgoing.end();
    });
  }

  /** The events that are changes of Users or of the Service. */
  get changes(): FeedEvent[] {
    return this.events.filter(({ event }) => ['change', 'gone', 'service'].includes(event));
  }

  /** Waits until there are so many changes. */
  async untilChanges(count: number): Promise<FeedEvent[]> {
    return until(`${count} changes, not ${this.changes.length}`, () =>
      this.changes.length >= count ? this.changes : undefined,
    );
  }

  async untilEvent(event: string): Promise<FeedEvent> {
    return until(`the event ${event}`, () => this.events.find((found) => found.event === event));
  }

  async untilEnd(): Promise<void> {
    await until('the end of the feed', () => this.hasEnded || undefined);
  }

  close(): void {
    this.#request.destroy();
  }

  #read(text: string): void {
    const blocks = (this.#rest + text).split('\n\n');
    this.#rest = blocks.pop() ?? '';
    for (const block of blocks) this.#readBlock(block.split('\n'));
  }

  #readBlock(lines: readonly string[]): void {
    const field = (name: string): string | undefined =>
      lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
    if (lines.includes(':')) this.heartbeats += 1;
    const id = field('id');
    if (id !== undefined) this.lastEventId = id;
    const retry = field('retry');
    if (retry !== undefined) this.retries.push(Number(retry));
    const data = field('data');
    if (data === undefined) return;
    const event = field('event') ?? 'message';
    this.events.push({ event, id: id ?? '', data: JSON.parse(data) as JsonObject });
  }
}
