import { once } from 'node:events';
import { createServer, STATUS_CODES, type Server } from 'node:http';
import { TwilioError } from '#twilio-wire/twilio-error';

const RETRY_AFTER_SECONDS = '5';

/** Why a process must not serve yet. */
export type UnreadyStatus =
  'log_restored' | 'awaiting_worker' | 'event_store_unavailable' | 'database_unavailable';

/**
 * Takes the port of the service while it must not serve: the process is live, not ready, and refuses every request and
 * handshake with 503.
 */
export class UnreadyServer {
  readonly #server: Server;

  /**
   * @param status shown by `/health/ready`
   * @param reason shown by `/health/ready`: the status in words
   */
  constructor(status: UnreadyStatus, reason: string) {
    this.#server = createServer((request, response) => {
      const path = request.url?.split('?')[0];
      const [code, body] =
        path === '/health/live'
          ? [200, { status: 'ok' }]
          : path === '/health/ready'
            ? [503, { status, reason }]
            : [503, UNAVAILABLE.body];
      response.writeHead(code, HEADERS).end(JSON.stringify(body));
    });
    this.#server.on('upgrade', (_request, socket) => {
      const head = Object.entries(HEADERS).map(([name, value]) => `${name}: ${value}`);
      socket.end(`HTTP/1.1 503 ${STATUS_CODES[503]}\r\n${head.join('\r\n')}\r\n\r\n`);
    });
  }

  /** Returns the port, which the system chooses where `port` is 0. */
  async listen(port: number, host: string): Promise<number> {
    this.#server.listen(port, host);
    await once(this.#server, 'listening');
    const address = this.#server.address();
    return address !== null && typeof address === 'object' ? address.port : port;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}

const UNAVAILABLE = new TwilioError(503, 20503, 'Service unavailable');
const HEADERS = {
  'content-type': 'application/json; charset=utf-8',
  connection: 'close',
  'retry-after': RETRY_AFTER_SECONDS,
};
