import { Inject, Injectable } from '@nestjs/common';
import { Counter, Gauge, type Registry } from 'prom-client';
import { METRICS } from '../../platform/injection-tokens.ts';

interface Counts {
  readonly attached: number;
  readonly detached: number;
}

/** Metrics of sessions. */
@Injectable()
export class SessionMetrics {
  readonly opened: Counter<'transport'>;
  readonly resumed: Counter;
  /** By the cause in the log, whichever process closed it. */
  readonly closed: Counter<'cause'>;
  readonly moved: Counter;
  #counts: () => Counts = () => ({ attached: 0, detached: 0 });

  constructor(@Inject(METRICS) registry: Registry) {
    const registers = [registry];
    const name = (suffix: string) => `reachability_sessions_${suffix}`;
    this.opened = new Counter({
      name: name('opened_total'),
      help: 'Connections opened for sockets',
      labelNames: ['transport'],
      registers,
    });
    this.resumed = new Counter({
      name: name('resumed_total'),
      help: 'Sessions resumed with another socket',
      registers,
    });
    this.closed = new Counter({
      name: name('closed_total'),
      help: 'Connections of this process that were closed, by cause',
      labelNames: ['cause'],
      registers,
    });
    this.moved = new Counter({
      name: name('moved_total'),
      help: 'Clients told to reconnect elsewhere because this process stops',
      registers,
    });
    const counts = (): Counts => this.#counts();
    new Gauge({
      name: 'reachability_sessions',
      help: 'Sessions with a socket (attached) or within the grace period (detached)',
      labelNames: ['state'],
      registers,
      collect() {
        const { attached, detached } = counts();
        this.set({ state: 'attached' }, attached);
        this.set({ state: 'detached' }, detached);
      },
    });
  }

  /** Sets the function that counts sessions whenever the metrics are read. */
  countWith(counts: () => Counts): void {
    this.#counts = counts;
  }
}
