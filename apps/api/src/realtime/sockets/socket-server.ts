import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { WebSocketServer, type Server as WebSocketsOf } from 'ws';
import { Settings } from '#shared/settings/settings';
import { RealtimeMetrics, type HandshakeResult } from './realtime-metrics.ts';
import { clientAddress } from './client-address.ts';
import { KeyedCounter } from './keyed-counter.ts';
import { GatewaySocket, type Door } from './gateway-socket.ts';
import type { Gateway } from './gateway.ts';
import { TokenBucket } from './token-bucket.ts';

/** Milliseconds that a client has to answer a close frame before its socket is cut off. */
const CLOSE_PATIENCE_MS = 1_000;
/** Seconds after which a refused client may try again, at the earliest. */
const RETRY_AFTER = 'Retry-After: 1\r\n';

const REFUSALS = {
  bad_request: '400 Bad Request\r\nSec-WebSocket-Version: 13\r\n',
  no_such_path: '404 Not Found\r\n',
  not_accepting: `503 Service Unavailable\r\n${RETRY_AFTER}`,
  too_fast: `429 Too Many Requests\r\n${RETRY_AFTER}`,
  too_many_from_address: `429 Too Many Requests\r\n${RETRY_AFTER}`,
} as const satisfies Partial<Record<HandshakeResult, string>>;

interface Route {
  readonly gateway: Gateway;
  readonly labels: { readonly gateway: string };
  readonly door: Door;
}

/**
 * Takes WebSocket handshakes and gives each socket to the gateway of its path. Raw `ws` rather than Nest's
 * gateways: nothing stands between a message and its handler, and nothing is kept of a socket that is not needed.
 */
@Injectable()
export class SocketServer {
  /** By path. */
  readonly #routes = new Map<string, Route>();
  readonly #metrics: RealtimeMetrics;
  readonly #trustedProxies: number;
  readonly #handshakes: TokenBucket;
  readonly #addresses: KeyedCounter;
  readonly #server: WebSocketsOf<typeof GatewaySocket>;
  #accepting = false;

  constructor(settings: Settings, metrics: RealtimeMetrics) {
    this.#metrics = metrics;
    this.#trustedProxies = settings.TRUSTED_PROXIES;
    const { HANDSHAKES_PER_SECOND, HANDSHAKE_BURST } = settings;
    this.#handshakes = new TokenBucket(HANDSHAKES_PER_SECOND, HANDSHAKE_BURST, performance.now());
    this.#addresses = new KeyedCounter(settings.CONNECTIONS_PER_ADDRESS);
    const options = {
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: settings.FRAME_BYTES,
      closeTimeout: CLOSE_PATIENCE_MS,
      WebSocket: GatewaySocket,
    };
    this.#server = new WebSocketServer(options);
    this.#server.on('wsClientError', (_, socket) => this.#refuse(socket, 'bad_request'));
  }

  /** Takes sockets on the path of a gateway from now on. */
  register(gateway: Gateway): void {
    const labels = { gateway: gateway.name };
    const door: Door = {
      released: ({ address }) => {
        this.#addresses.remove(address);
        this.#metrics.sockets.dec(labels);
      },
      refused: (code) => this.#metrics.refused.inc({ ...labels, code }),
    };
    this.#routes.set(gateway.path, { gateway, labels, door });
  }

  /** Answers the handshakes of an HTTP server; refuses them all until {@link open}. */
  attach(server: Server): void {
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      this.#handshake(request, socket, head);
    });
  }

  get accepting(): boolean {
    return this.#accepting;
  }

  open(): void {
    this.#accepting = true;
  }

  /** Answers handshakes 503, until the next {@link open}. Sockets that are open stay so. */
  refuse(): void {
    this.#accepting = false;
  }

  #handshake(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const url = URL.parse(request.url ?? '/', 'http://localhost');
    const route = this.#routes.get(url?.pathname ?? '');
    const address = clientAddress(request, this.#trustedProxies);
    if (url === null || route === undefined) this.#refuse(socket, 'no_such_path');
    else if (!this.#accepting) this.#refuse(socket, 'not_accepting');
    else if (!this.#handshakes.take(performance.now())) this.#refuse(socket, 'too_fast');
    else if (!this.#addresses.hasRoom(address)) this.#refuse(socket, 'too_many_from_address');
    else {
      const { headers } = request;
      this.#server.handleUpgrade(request, socket, head, (webSocket) => {
        webSocket.transport = socket;
        webSocket.address = address;
        this.#take(webSocket, route);
        route.gateway.accept(webSocket, { url, headers });
      });
    }
  }

  #take(socket: GatewaySocket, { labels, door }: Route): void {
    socket.door = door;
    socket.listen();
    socket.pause();
    this.#addresses.add(socket.address);
    this.#metrics.handshakes.inc({ result: 'accepted' });
    this.#metrics.sockets.inc(labels);
  }

  #refuse(socket: Duplex, result: keyof typeof REFUSALS): void {
    this.#metrics.handshakes.inc({ result });
    socket.on('error', () => socket.destroy());
    // The server leaves upgraded sockets alone: one whose client never closes its end would stay open for good.
    socket.once('finish', () => socket.destroy());
    socket.end(`HTTP/1.1 ${REFUSALS[result]}Connection: close\r\nContent-Length: 0\r\n\r\n`);
  }
}
