import { Inject, Injectable } from '@nestjs/common';
import { Counter, Gauge, type Registry } from 'prom-client';
import { METRICS } from '../../platform/injection-tokens.ts';

/** Outcome of a WebSocket handshake. */
export type HandshakeResult =
  | 'accepted'
  | 'bad_request'
  | 'no_such_path'
  | 'not_accepting'
  | 'too_fast_from_address'
  | 'too_many_sockets'
  | 'too_many_from_address';

/** Metrics of sockets and watchers, for all gateways. */
@Injectable()
export class RealtimeMetrics {
  readonly sockets: Gauge<'gateway'>;
  readonly handshakes: Counter<'result'>;
  /** Valid messages of clients. */
  readonly framesIn: Counter<'gateway' | 'type'>;
  /** Errors sent to clients, by error code; violations of the WebSocket protocol, by close code. */
  readonly errors: Counter<'gateway' | 'code'>;
  /** Changes published: one for each watcher. */
  readonly deliveries: Counter;
  /** Changes not sent at once because the client reads slowly; the last of each User is sent later. */
  readonly coalesced: Counter;
  readonly slowCloses: Counter<'gateway'>;
  readonly watchedUsers: Gauge;

  constructor(@Inject(METRICS) registry: Registry) {
    const registers = [registry];
    const name = (suffix: string) => `reachability_realtime_${suffix}`;
    this.sockets = new Gauge({
      name: name('sockets'),
      help: 'Open WebSockets',
      labelNames: ['gateway'],
      registers,
    });
    this.handshakes = new Counter({
      name: name('handshakes_total'),
      help: 'WebSocket handshakes by outcome',
      labelNames: ['result'],
      registers,
    });
    this.framesIn = new Counter({
      name: name('frames_in_total'),
      help: 'Messages received from clients',
      labelNames: ['gateway', 'type'],
      registers,
    });
    this.errors = new Counter({
      name: name('refused_total'),
      help: 'Errors sent to clients',
      labelNames: ['gateway', 'code'],
      registers,
    });
    this.deliveries = new Counter({
      name: name('deliveries_total'),
      help: 'Changes published, counted once for each watcher',
      registers,
    });
    this.coalesced = new Counter({
      name: name('coalesced_total'),
      help: 'Deliveries postponed because the client reads slowly',
      registers,
    });
    this.slowCloses = new Counter({
      name: name('slow_closes_total'),
      help: 'Sockets closed because the client read nothing',
      labelNames: ['gateway'],
      registers,
    });
    this.watchedUsers = new Gauge({
      name: name('watched_users'),
      help: 'Users with at least one watcher',
      registers,
    });
  }
}
