import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Inject, Injectable } from '@nestjs/common';
import { Counter, Gauge, type Registry } from 'prom-client';
import { Settings } from '#shared/settings/settings';
import { METRICS } from '../../injection-tokens.ts';
import { KeyedCounter } from '../../keyed-counter.ts';
import { addressNetwork } from './client-address.ts';
import { fileDescriptorLimit, socketLimit } from './socket-limit.ts';

/** Why a socket is refused. */
export type SocketRefusal = 'too_many_sockets' | 'too_many_from_address';

/** Most refused sockets that are open to read their refusal, or the answer to a health check. */
const MAX_REFUSED = 32;
/** Time after which a refused socket that sends nothing is closed. */
const REFUSED_IDLE_MS = 2_000;

/**
 * Limits the TCP sockets of the public port, in all and from each address, so that clients cannot take all file
 * descriptors. A few more are accepted for a moment, to tell their clients and to answer health checks: the next one
 * that comes closes the oldest of them, so that nobody can occupy these, too.
 *
 * Behind trusted proxies all sockets have the address of a proxy, and only WebSockets are limited by address.
 */
@Injectable()
export class SocketBudget {
  readonly #max: number;
  readonly #ofAddresses: KeyedCounter | null;
  readonly #refusals: Counter<'reason'>;
  readonly #refused = new Map<Duplex, SocketRefusal>();
  #open = 0;

  constructor(settings: Settings, @Inject(METRICS) registry: Registry) {
    const { MAX_SOCKETS, CONNECTIONS_PER_ADDRESS, TRUSTED_PROXIES } = settings;
    const max = MAX_SOCKETS ?? socketLimit(fileDescriptorLimit());
    this.#max = max;
    this.#ofAddresses = TRUSTED_PROXIES === 0 ? new KeyedCounter(CONNECTIONS_PER_ADDRESS) : null;
    const registers = [registry];
    this.#refusals = new Counter({
      name: 'reachability_http_sockets_refused_total',
      help: 'TCP sockets refused, by reason',
      labelNames: ['reason'],
      registers,
    });
    const open = (): number => this.#open;
    new Gauge({
      name: 'reachability_http_sockets',
      help: 'Open TCP sockets of clients, WebSockets included',
      registers,
      collect() {
        this.set(open());
      },
    });
    new Gauge({
      name: 'reachability_http_sockets_max',
      help: 'Most open TCP sockets of clients',
      registers,
    }).set(max);
  }

  /** Counts the sockets of a server from now on. */
  watch(server: Server): void {
    server.on('connection', (socket: Socket) => this.#count(socket));
  }

  /** Returns why a socket is refused; null where it is not. */
  refusalOf(socket: Duplex): SocketRefusal | null {
    return this.#refused.get(socket) ?? null;
  }

  #count(socket: Socket): void {
    const network = addressNetwork(socket.remoteAddress ?? '');
    if (this.#open >= this.#max) this.#refuse(socket, 'too_many_sockets');
    else if (this.#ofAddresses?.add(network) === false) {
      this.#refuse(socket, 'too_many_from_address');
    } else {
      this.#open += 1;
      socket.on('close', () => {
        this.#open -= 1;
        this.#ofAddresses?.remove(network);
      });
    }
  }

  #refuse(socket: Socket, reason: SocketRefusal): void {
    this.#refusals.inc({ reason });
    const [oldest] = this.#refused.keys();
    if (oldest !== undefined && this.#refused.size >= MAX_REFUSED) {
      this.#refused.delete(oldest);
      oldest.destroy();
    }
    this.#refused.set(socket, reason);
    socket.setTimeout(REFUSED_IDLE_MS);
    socket.on('close', () => this.#refused.delete(socket));
  }
}
