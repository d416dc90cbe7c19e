import { Inject, Injectable } from '@nestjs/common';
import { Counter, Gauge, type Registry } from 'prom-client';
import { METRICS } from '../../platform/injection-tokens.ts';

/** What came of a WebSocket handshake. */
export type HandshakeResult =
  | 'accepted'
  | 'bad_request'
  | 'no_such_path'
  | 'not_accepting'
  | 'too_fast'
  | 'too_many_from_address';

/** What is counted of sockets, of every gateway alike. */
@Injectable()
export class RealtimeMetrics {
  readonly sockets: Gauge<'gateway'>;
  readonly handshakes: Counter<'result'>;
  /** Messages of clients that were understood. */
  readonly framesIn: Counter<'gateway' | 'type'>;
  /** Errors told to clients, by the code that they were given; of what is no WebSocket, by its close code. */
  readonly refused: Counter<'gateway' | 'code'>;
  /** Changes told: one for each watcher. */
  readonly deliveries: Counter;
  /** Changes that were not told at once because the client reads slowly; the last of each User is told later. */
  readonly coalesced: Counter;
  readonly slowCloses: Counter<'gateway'>;
  readonly watchedUsers: Gauge;

  constructor(@Inject(METRICS) registry: Registry) {
    const registers = [registry];
    const name = (what: string) => `reachability_realtime_${what}`;
    this.sockets = new Gauge({
      name: name('sockets'),
      help: 'Open WebSockets',
      labelNames: ['gateway'],
      registers,
    });
    this.handshakes = new Counter({
      name: name('handshakes_total'),
      help: 'WebSocket handshakes by what came of them',
      labelNames: ['result'],
      registers,
    });
    this.framesIn = new Counter({
      name: name('frames_in_total'),
      help: 'Messages of clients',
      labelNames: ['gateway', 'type'],
      registers,
    });
    this.refused = new Counter({
      name: name('refused_total'),
      help: 'Errors told to clients',
      labelNames: ['gateway', 'code'],
      registers,
    });
    this.deliveries = new Counter({
      name: name('deliveries_total'),
      help: 'Changes times watchers told of them',
      registers,
    });
    this.coalesced = new Counter({
      name: name('coalesced_total'),
      help: 'Deliveries put off because the client reads slowly',
      registers,
    });
    this.slowCloses = new Counter({
      name: name('slow_closes_total'),
      help: 'Sockets closed because nothing was read',
      labelNames: ['gateway'],
      registers,
    });
    this.watchedUsers = new Gauge({
      name: name('watched_users'),
      help: 'Users that somebody watches',
      registers,
    });
  }
}
