import type { Connection } from './connection/connection.ts';
import type { ReachabilityError } from './errors.ts';
import type { Settings } from './options.ts';
import type { Requests } from './requests.ts';
import { TokenRefresher } from './token-refresher.ts';

/** Puts access tokens into use: those that the application brings, and those that it is asked for. */
export class Tokens {
  readonly #connection: Connection;
  readonly #requests: Requests;
  readonly #refresher: TokenRefresher | null;

  constructor(
    { clock, random, fetchToken }: Settings,
    connection: Connection,
    requests: Requests,
    failed: (error: ReachabilityError) => void,
  ) {
    this.#connection = connection;
    this.#requests = requests;
    const use = (token: string) => this.use(token);
    this.#refresher =
      fetchToken === null ? null : new TokenRefresher({ clock, random, fetchToken, use, failed });
  }

  /** Puts another token of the same identity into use, at once where there is a connection. */
  async use(token: string): Promise<void> {
    const former = this.#connection.token;
    this.#connection.put({ type: 'renewed', token });
    try {
      await this.#requests.ask({ type: 'token', token }, ({ type }) =>
        type === 'token_accepted' ? true : undefined,
      );
    } catch (error) {
      // The former one holds until it expires.
      if (this.#connection.isAttached && this.#connection.token === token) {
        this.#connection.put({ type: 'renewed', token: former });
      }
      throw error;
    }
  }

  /** Asks the application for another token, where it can be asked. */
  refresh(): void {
    this.#refresher?.start();
  }

  /** The connection does not stand: its next attempt asks for itself. */
  stop(): void {
    this.#refresher?.stop();
  }
}
