import { createDecoder } from 'fast-jwt';
import { Type } from 'typebox';
import { Compile } from 'typebox/schema';
import { TOKEN_ALGORITHM } from '../api-keys/token-key.ts';
import { TokenError, toTokenError } from './token-error.ts';

/** Content type that Twilio's tokens carry in their header. */
export const TOKEN_CONTENT_TYPE = 'twilio-fpa;v=1';

/** Three parts; what is left out of the last one is a missing signature. */
const THREE_PARTS = /^[\w-]+\.[\w-]+\.[\w-]*$/;

const Header = Compile(
  Type.Object({
    alg: Type.Literal(TOKEN_ALGORITHM),
    cty: Type.Literal(TOKEN_CONTENT_TYPE),
    typ: Type.Optional(Type.Literal('JWT')),
  }),
);

const Times = Compile(
  Type.Object({ iat: Type.Optional(Type.Number()), nbf: Type.Optional(Type.Number()) }),
);

interface DecodedToken {
  readonly header: Readonly<Record<string, unknown>>;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** Throws unless both parts are JSON objects. */
const decode: (token: string) => DecodedToken = createDecoder({ complete: true });

/** The claims of a token whose signature is not verified. Times are in seconds since 1970. */
interface UnverifiedToken {
  readonly issuer: string;
  readonly subject: string;
  readonly issuedAt: number | undefined;
  readonly beginsAt: number | undefined;
  readonly expiresAt: number;
  readonly claims: Readonly<Record<string, unknown>>;
}

/**
 * Returns what a token claims. Trust none of it before the signature is verified: it only names the key for that.
 *
 * @throws TokenError for a header or claims that no valid token has
 */
export function readToken(token: string): UnverifiedToken {
  const { header, payload } = decoded(token);
  if (!Header.Check(header)) throw new TokenError('header');
  const { iss, sub, exp } = payload;
  if (typeof iss !== 'string' || typeof sub !== 'string') throw new TokenError('issuer');
  if (typeof exp !== 'number') throw new TokenError('expired');
  if (!Times.Check(payload)) throw new TokenError('invalid');
  const { iat, nbf } = payload;
  return {
    issuer: iss,
    subject: sub,
    issuedAt: iat ?? nbf,
    beginsAt: nbf,
    expiresAt: exp,
    claims: payload,
  };
}

function decoded(token: string): DecodedToken {
  if (!THREE_PARTS.test(token)) throw new TokenError('invalid');
  try {
    return decode(token);
  } catch (error) {
    throw toTokenError(error);
  }
}
