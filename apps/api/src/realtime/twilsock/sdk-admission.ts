import { Inject, Injectable, Logger } from '@nestjs/common';
import { Counter, type Registry } from 'prom-client';
import { METRICS, MONOTONIC } from '../../platform/injection-tokens.ts';
import { KeyedRateLimiter } from '../../platform/keyed-rate-limiter.ts';
import { CLOSE_CODES } from '../sockets/close-codes.ts';
import type { Rejection } from './rejections.ts';
import type { Sdk } from './sdk.ts';

/** Messages in the log a second for each SDK and version: one a minute. */
const LOGS_PER_SECOND = 1 / 60;

/**
 * Counts the SDKs of clients, and refuses those that cannot work. Any SDK that is not known is let in: if it needs
 * something that does not exist here it fails then, but one that was refused by mistake would leave its User offline.
 */
@Injectable()
export class SdkAdmission {
  readonly #logger = new Logger(SdkAdmission.name);
  readonly #clients: Counter<'sdk' | 'version' | 'supported'>;
  readonly #logs: KeyedRateLimiter;

  constructor(@Inject(METRICS) registry: Registry, @Inject(MONOTONIC) now: () => number) {
    this.#logs = new KeyedRateLimiter(LOGS_PER_SECOND, 1, now);
    this.#clients = new Counter({
      name: 'reachability_twilsock_clients_total',
      help: "Handshakes of Twilio's SDKs, by SDK, major version, and whether it is supported",
      labelNames: ['sdk', 'version', 'supported'],
      registers: [registry],
    });
  }

  /** Counts a client; returns why it is refused, or null. */
  check(sdk: Sdk): Rejection | null {
    const { name, version, support } = sdk;
    this.#clients.inc({ sdk: name, version, supported: support });
    if (support !== 'no') return null;
    if (this.#logs.take(`${name} ${version}`)) {
      this.#logger.warn(`Refused a client of the SDK ${name}, version ${version}: not supported`);
    }
    return {
      code: 403,
      status: 'FORBIDDEN',
      errorCode: 20403,
      description: `Version ${version} of this SDK (${name}) is not supported by this server; update it`,
      close: CLOSE_CODES.protocol,
    };
  }
}
