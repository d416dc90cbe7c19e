import type { IncomingMessage } from 'node:http';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { Counter, type Registry } from 'prom-client';
import type { Credentials } from '#shared/composition/credentials';
import { Settings } from '#shared/settings/settings';
import { ApiKeyDirectory } from '../../api-keys/api-key-directory.ts';
import { CREDENTIALS, METRICS, MONOTONIC } from '../../injection-tokens.ts';
import { KeyedRateLimiter } from '../../keyed-rate-limiter.ts';
import { addressNetwork, clientAddress } from '../sockets/client-address.ts';

/** Time for which further failures of an account are only counted. */
const LOG_INTERVAL_MS = 60_000;

interface LoggedFailures {
  loggedAt: number;
  /** Failures since then. */
  count: number;
}

/** Counts wrong credentials, logs them, and limits how many an address may send. */
@Injectable()
export class FailedAuthentications {
  readonly #logger = new Logger(FailedAuthentications.name);
  readonly #limiter: KeyedRateLimiter;
  readonly #trustedProxies: number;
  readonly #knownSids: ReadonlySet<string>;
  /** By account; all that do not exist are one. */
  readonly #logged = new Map<string, LoggedFailures>();
  readonly #failures: Counter<'account'>;

  constructor(
    settings: Settings,
    @Inject(CREDENTIALS) { accountSid, apiKeys }: Credentials,
    @Inject(METRICS) registry: Registry,
    @Inject(MONOTONIC) private readonly now: () => number,
    @Inject(ApiKeyDirectory) private readonly keys: Pick<ApiKeyDirectory, 'has'>,
  ) {
    const perSecond = settings.AUTHENTICATION_FAILURES_PER_MINUTE / 60;
    this.#limiter = new KeyedRateLimiter(perSecond, settings.AUTHENTICATION_FAILURE_BURST, now);
    this.#trustedProxies = settings.TRUSTED_PROXIES;
    this.#knownSids = new Set([accountSid, ...apiKeys.keys()]);
    this.#failures = new Counter({
      name: 'reachability_http_authentication_failures_total',
      help: 'Requests with wrong credentials, by whether the account or API key exists',
      labelNames: ['account'],
      registers: [registry],
    });
  }

  /**
   * Records wrong credentials and returns after how many seconds the next ones are within the limit of their sender;
   * null where these are.
   *
   * @param sid the account or API key that the request names
   */
  record(request: IncomingMessage, sid: string): number | null {
    const network = addressNetwork(clientAddress(request, this.#trustedProxies));
    const isKnown = this.#knownSids.has(sid) || this.keys.has(sid);
    this.#failures.inc({ account: isKnown ? 'known' : 'unknown' });
    this.#log(isKnown ? sid : 'an unknown account', network);
    return this.#limiter.take(network) ? null : this.#limiter.retryAfterSeconds;
  }

  /** Only names that are known are logged: a client could send a secret in the place of a name. */
  #log(account: string, network: string): void {
    const now = this.now();
    const logged = this.#logged.get(account);
    if (logged !== undefined && now - logged.loggedAt < LOG_INTERVAL_MS) {
      logged.count += 1;
      return;
    }
    const before = logged?.count ?? 0;
    const more = before === 0 ? '' : `; ${before} more since the last message`;
    this.#logger.warn(`Wrong credentials for ${account} from ${network}${more}`);
    this.#logged.set(account, { loggedAt: now, count: 0 });
  }
}
