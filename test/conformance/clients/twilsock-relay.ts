import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { parseFrame, readPayload } from '../../../apps/api/src/realtime/twilsock/frame.ts';
import { fieldsOf, listOf, type Fields } from '../../support/fields.ts';
import type { Program } from '../../support/program.ts';

/**
 * A relay between clients and a program that reads along: an SDK does not show the versions of what it is told, the
 * wire does. Clients are told apart by the path of their URL.
 */
export class TwilsockRelay {
  readonly #server: WebSocketServer;
  readonly #events = new Map<string, Fields[]>();

  private constructor(server: WebSocketServer, target: string) {
    this.#server = server;
    server.on('connection', (socket, { url }) => {
      const [, client = ''] = (url ?? '').split('/');
      this.#relay(socket, client, `${target.replace(/^http/, 'ws')}/v3/wsconnect`);
    });
  }

  static async start({ url }: Pick<Program, 'url'>): Promise<TwilsockRelay> {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    return new TwilsockRelay(server, url);
  }

  /** The program's address for a client. */
  urlFor(client: string): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}/${client}`;
  }

  /** All events that a client was notified of, in the order of their arrival. */
  eventsOf(client: string): readonly Fields[] {
    return this.#events.get(client) ?? [];
  }

  stop(): void {
    for (const socket of this.#server.clients) socket.terminate();
    this.#server.close();
  }

  #relay(client: WebSocket, name: string, target: string): void {
    const events = this.#events.get(name) ?? [];
    this.#events.set(name, events);
    const program = new WebSocket(target);
    const opened = once(program, 'open');
    client.on('message', (data: Buffer) => void opened.then(() => program.send(data)));
    program.on('message', (data: Buffer) => {
      events.push(...notifiedEvents(data));
      client.send(data);
    });
    client.on('close', () => program.terminate());
    program.on('close', () => client.terminate());
  }
}

/** Returns the events of a notification, in event protocol 3 or 4. */
function notifiedEvents(data: Buffer): Fields[] {
  const frame = parseFrame(data);
  if (frame.header['method'] !== 'notification') return [];
  const payload = fieldsOf(readPayload(frame) ?? {});
  return 'events' in payload ? listOf(payload['events']) : [fieldsOf(payload['event'])];
}
