import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { until } from './until.ts';

/** A received request. */
export interface ReceivedRequest {
  readonly at: number;
  readonly method: string;
  /** URL as the application would build it: scheme, Host header, path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Parameters of the form body, or of the query. */
  readonly parameters: Readonly<Record<string, string>>;
}

export interface ReceiverAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Never answers. */
  readonly hang?: boolean;
}

const NO_CONTENT: ReceiverAnswer = { status: 204 };

/** An application's endpoint for webhooks on 127.0.0.1. */
export class WebhookReceiver {
  readonly received: ReceivedRequest[] = [];
  /** Answers requests; replace it to change the answers. */
  answer: (request: ReceivedRequest) => ReceiverAnswer | Promise<ReceiverAnswer> = () => NO_CONTENT;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(port = 0): Promise<WebhookReceiver> {
    const server = createServer();
    const receiver = new WebhookReceiver(server);
    server.on('request', (incoming, outgoing) => {
      void text(incoming).then(async (body) => {
        const path = incoming.url ?? '/';
        const url = `http://${incoming.headers.host ?? ''}${path}`;
        const form = incoming.method === 'GET' ? new URL(url).searchParams : body;
        const request = {
          at: Date.now(),
          method: incoming.method ?? '',
          url,
          headers: incoming.headers,
          body,
          parameters: Object.fromEntries(new URLSearchParams(form)),
        };
        receiver.received.push(request);
        const { status, headers, body: answer, hang } = await receiver.answer(request);
        if (hang !== true) outgoing.writeHead(status, headers).end(answer);
      });
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return receiver;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string')
      throw new Error('The receiver is not listening');
    return address.port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/hooks`;
  }

  /** Values of one parameter, for each request. */
  parameterValues(name: string): (string | undefined)[] {
    return this.received.map(({ parameters }) => parameters[name]);
  }

  /** Waits until `count` requests have arrived. */
  async waitFor(count: number, timeoutMs?: number): Promise<readonly ReceivedRequest[]> {
    const look = () => (this.received.length >= count ? this.received : undefined);
    return until(`${count} webhooks`, look, timeoutMs);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
