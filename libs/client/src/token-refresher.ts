import type { Cancel, Clock } from './clock.ts';
import { backoffWindow } from './connection/backoff.ts';
import { ReachabilityError } from './errors.ts';

export interface TokenRefresherHost {
  readonly clock: Clock;
  readonly random: () => number;
  readonly fetchToken: () => Promise<string>;
  /** Puts a token into use. */
  readonly use: (token: string) => Promise<void>;
  readonly failed: (error: ReachabilityError) => void;
}

/** Replaces the token of a connection that stands, trying until it works or somebody says that it is no use. */
export class TokenRefresher {
  readonly #host: TokenRefresherHost;
  #round: symbol | null = null;
  #cancel: Cancel = () => undefined;

  constructor(host: TokenRefresherHost) {
    this.#host = host;
  }

  start(): void {
    this.stop();
    this.#round = Symbol('round');
    this.#try(this.#round, 0);
  }

  stop(): void {
    this.#round = null;
    this.#cancel();
  }

  #try(round: symbol, failures: number): void {
    this.#host
      .fetchToken()
      .then((token) => (round === this.#round ? this.#host.use(token) : undefined))
      .catch((cause: unknown) => {
        if (round === this.#round) this.#again(round, failures, cause);
      });
  }

  #again(round: symbol, failures: number, cause: unknown): void {
    const { clock, random, failed } = this.#host;
    const wait = random() * backoffWindow(failures);
    this.#cancel = clock.after(wait, () => this.#try(round, failures + 1));
    failed(
      cause instanceof ReachabilityError
        ? cause
        : new ReachabilityError('token_provider_failed', 'The tokenProvider gave no token', {
            cause,
          }),
    );
  }
}
