import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { WebSocketServer, type Server as WebSocketsOf } from 'ws';
import { Settings } from '#shared/settings/settings';
import { RETRY_AFTER_SECONDS } from '../../platform/http/retry-after.ts';
import { addressNetwork, clientAddress } from '../../platform/http/sockets/client-address.ts';
import { SocketBudget } from '../../platform/http/sockets/socket-budget.ts';
import { GatewaySocket, type SocketCounts } from './gateway-socket.ts';
import type { Gateway } from './gateway.ts';
import { KeyedCounter } from '../../platform/keyed-counter.ts';
import { HandshakeBudget } from './handshake-budget.ts';
import { RealtimeMetrics, type HandshakeResult } from './realtime-metrics.ts';

/** Milliseconds that a client has to answer a close frame before its socket is cut off. */
const CLOSE_TIMEOUT_MS = 1_000;
const RETRY_AFTER = `Retry-After: ${RETRY_AFTER_SECONDS}\r\n`;

const REJECTIONS = {
  bad_request: '400 Bad Request\r\nSec-WebSocket-Version: 13\r\n',
  no_such_path: '404 Not Found\r\n',
  not_accepting: `503 Service Unavailable\r\n${RETRY_AFTER}`,
  too_fast_from_address: `429 Too Many Requests\r\n${RETRY_AFTER}`,
  too_many_from_address: `429 Too Many Requests\r\n${RETRY_AFTER}`,
  too_many_sockets: `503 Service Unavailable\r\n${RETRY_AFTER}`,
} as const satisfies Partial<Record<HandshakeResult, string>>;

interface Route {
  readonly gateway: Gateway;
  readonly labels: { readonly gateway: string };
  readonly counts: SocketCounts;
}

/**
 * Accepts WebSocket upgrades and passes each socket to the gateway of its path. It uses `ws` rather than Nest's
 * gateways: messages take the shortest way to their handler, and a socket keeps only the state that it needs.
 */
@Injectable()
export class SocketServer {
  /** By path. */
  readonly #routes = new Map<string, Route>();
  readonly #trustedProxies: number;
  /** WebSockets behind proxies. Without a proxy, the socket budget counts them with all other sockets. */
  readonly #addresses: KeyedCounter | null;
  readonly #server: WebSocketsOf<typeof GatewaySocket>;
  #isAccepting = false;

  constructor(
    settings: Settings,
    private readonly metrics: RealtimeMetrics,
    private readonly handshakes: HandshakeBudget,
    private readonly budget: SocketBudget,
  ) {
    this.#trustedProxies = settings.TRUSTED_PROXIES;
    this.#addresses =
      settings.TRUSTED_PROXIES === 0 ? null : new KeyedCounter(settings.CONNECTIONS_PER_ADDRESS);
    const options = {
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: settings.FRAME_BYTES,
      closeTimeout: CLOSE_TIMEOUT_MS,
      WebSocket: GatewaySocket,
    };
    this.#server = new WebSocketServer(options);
    this.#server.on('wsClientError', (_, socket) => this.#reject(socket, 'bad_request'));
  }

  /** Accepts sockets on the path of a gateway from now on. */
  register(gateway: Gateway): void {
    const labels = { gateway: gateway.name };
    const counts: SocketCounts = {
      socketClosed: ({ address }) => {
        this.#addresses?.remove(address);
        this.metrics.sockets.dec(labels);
      },
      protocolViolated: (code) => this.metrics.errors.inc({ ...labels, code }),
    };
    this.#routes.set(gateway.path, { gateway, labels, counts });
  }

  /** Handles the upgrade requests of an HTTP server. It rejects them until {@link startAccepting} is called. */
  attach(server: Server): void {
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      this.#upgrade(request, socket, head);
    });
  }

  startAccepting(): void {
    this.#isAccepting = true;
  }

  /** Answers upgrades with 503 until the next {@link startAccepting}. Open sockets stay open. */
  stopAccepting(): void {
    this.#isAccepting = false;
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const url = URL.parse(request.url ?? '/', 'http://localhost');
    const route = this.#routes.get(url?.pathname ?? '');
    const address = addressNetwork(clientAddress(request, this.#trustedProxies));
    const refusal = this.budget.refusalOf(socket);
    if (refusal !== null) this.#reject(socket, refusal);
    else if (url === null || route === undefined) this.#reject(socket, 'no_such_path');
    else if (!this.#isAccepting) this.#reject(socket, 'not_accepting');
    else if (!this.handshakes.takeFrom(address)) this.#reject(socket, 'too_fast_from_address');
    else if (this.#addresses?.hasRoom(address) === false)
      this.#reject(socket, 'too_many_from_address');
    else {
      const { headers } = request;
      this.#server.handleUpgrade(request, socket, head, (webSocket) => {
        webSocket.transport = socket;
        webSocket.address = address;
        this.#count(webSocket, route);
        webSocket.listen();
        webSocket.pause();
        route.gateway.accept(webSocket, { url, headers });
      });
    }
  }

  #count(socket: GatewaySocket, { labels, counts }: Route): void {
    socket.counts = counts;
    this.#addresses?.add(socket.address);
    this.metrics.handshakes.inc({ result: 'accepted' });
    this.metrics.sockets.inc(labels);
  }

  #reject(socket: Duplex, result: keyof typeof REJECTIONS): void {
    this.metrics.handshakes.inc({ result });
    socket.on('error', () => socket.destroy());
    // The HTTP server no longer times out this socket: if the client never closes its end, it would stay open forever.
    socket.once('finish', () => socket.destroy());
    socket.end(`HTTP/1.1 ${REJECTIONS[result]}Connection: close\r\nContent-Length: 0\r\n\r\n`);
  }
}
