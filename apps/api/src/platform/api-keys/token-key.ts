import { createSigner, createVerifier } from 'fast-jwt';

/** The one algorithm of access tokens. A token cannot choose another one. */
export const TOKEN_ALGORITHM = 'HS256';

/**
 * The secret of an API key, ready to sign and verify access tokens. Preparing it for each token would cost as much as the
 * verification. Tokens are verified at once, without the thread pool, and no result is remembered.
 */
export class TokenKey {
  readonly #secret: string;
  readonly #verify: (token: string) => unknown;

  constructor(secret: string) {
    this.#secret = secret;
    this.#verify = createVerifier({
      key: secret,
      algorithms: [TOKEN_ALGORITHM],
      cache: false,
      // The caller compares the times with its own clock.
      ignoreExpiration: true,
      ignoreNotBefore: true,
    });
  }

  /**
   * Returns if the token was signed with this secret. The signature is compared in constant time.
   *
   * @throws TokenError of `fast-jwt`: for another signature or algorithm, or a critical header
   */
  verify(token: string): void {
    this.#verify(token);
  }

  /** Returns a signed token. */
  sign(claims: Readonly<Record<string, unknown>>, contentType: string): string {
    const header = { alg: TOKEN_ALGORITHM, typ: 'JWT', cty: contentType };
    const sign = createSigner({ key: this.#secret, algorithm: TOKEN_ALGORITHM, header });
    return sign({ ...claims });
  }
}
