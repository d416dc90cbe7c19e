import type { Cancel } from './clock.ts';
import { backoffWindow } from './connection/backoff.ts';
import type { Connection } from './connection/connection.ts';
import { ReachabilityError, tokenProviderError } from './errors.ts';
import type { Settings } from './options.ts';
import type { Requests } from './requests.ts';

/** Replaces the access token, with one that the application passes or that its `tokenProvider` returns. */
export class Tokens {
  readonly #settings: Settings;
  readonly #connection: Connection;
  readonly #requests: Requests;
  readonly #onError: (error: ReachabilityError) => void;
  /** Identifies the present refresh, so that late results of earlier ones are ignored. */
  #refresh: symbol | null = null;
  #cancelRetry: Cancel = () => undefined;

  constructor(
    settings: Settings,
    connection: Connection,
    requests: Requests,
    onError: (error: ReachabilityError) => void,
  ) {
    this.#settings = settings;
    this.#connection = connection;
    this.#requests = requests;
    this.#onError = onError;
  }

  /** Replaces the token by another one of the same identity. Settles once the server has accepted it. */
  async use(token: string): Promise<void> {
    const former = this.#connection.token;
    this.#connection.handle({ type: 'newToken', token });
    try {
      await this.#requests.send({ type: 'token', token }, ({ type }) =>
        type === 'token_accepted' ? true : undefined,
      );
    } catch (error) {
      // The former token is valid until it expires.
      if (this.#connection.isConnected && this.#connection.token === token) {
        this.#connection.handle({ type: 'newToken', token: former });
      }
      throw error;
    }
  }

  /** Asks the `tokenProvider`, if any, for another token, and retries until the server accepts one. */
  refresh(): void {
    this.stop();
    const { fetchToken } = this.#settings;
    if (fetchToken === null) return;
    this.#refresh = Symbol('refresh');
    this.#tryRefresh(fetchToken, this.#refresh, 0);
  }

  /** Stops a refresh. Without a connection it is useless: the next attempt to connect fetches its own token. */
  stop(): void {
    this.#refresh = null;
    this.#cancelRetry();
  }

  #tryRefresh(fetchToken: () => Promise<string>, refresh: symbol, failures: number): void {
    fetchToken()
      .then((token) => (refresh === this.#refresh ? this.use(token) : undefined))
      .catch((cause: unknown) => {
        if (refresh !== this.#refresh) return;
        const { clock, random } = this.#settings;
        this.#cancelRetry = clock.after(random() * backoffWindow(failures), () =>
          this.#tryRefresh(fetchToken, refresh, failures + 1),
        );
        this.#onError(cause instanceof ReachabilityError ? cause : tokenProviderError(cause));
      });
  }
}
