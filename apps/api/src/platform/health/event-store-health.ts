import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { Gauge, type Registry } from 'prom-client';
import type { EventStore } from '#event-store';
import { EVENT_STORE, METRICS } from '../injection-tokens.ts';

const LOOK_EVERY_MS = 250;

/**
 * Whether events can be written: as a gauge, and as a line in the log when that changes. Refused requests are not logged
 * one by one.
 */
@Injectable()
export class EventStoreHealth implements OnModuleInit, OnApplicationShutdown {
  readonly #logger = new Logger(EventStoreHealth.name);
  #reported: string | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(
    @Inject(EVENT_STORE) private readonly events: Pick<EventStore, 'health'>,
    @Inject(METRICS) private readonly registry: Registry,
  ) {}

  /** Why events cannot be written at present; null while they can, as far as is known. */
  get writeFault(): string | null {
    const { state, reason } = this.events.health;
    return state === 'unwritable' ? reason : null;
  }

  onModuleInit(): void {
    const isWritable = (): number => Number(this.writeFault === null);
    new Gauge({
      name: 'reachability_event_store_writable',
      help: '0 while this process cannot write events: disk full, read-only or locked file',
      registers: [this.registry],
      collect() {
        this.set(isWritable());
      },
    });
    this.#timer = setInterval(() => this.#report(), LOOK_EVERY_MS).unref();
  }

  onApplicationShutdown(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  #report(): void {
    const fault = this.writeFault;
    if (fault === this.#reported) return;
    this.#reported = fault;
    if (fault === null) this.#logger.log('Events can be written again');
    else this.#logger.error(`Events cannot be written, and writes get 503: ${fault}`);
  }
}
